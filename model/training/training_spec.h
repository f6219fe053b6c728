// What to train, on what, and how. Mirrors roicast.v1.TrainingSpec; defaults come from SpecFromPreset.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/data/cleaning.h"
#include "model/data/schema_inference.h"
#include "model/data/split.h"
#include "model/data/target.h"
#include "model/features/preprocessor.h"
#include "model/features/target_transform.h"
#include "model/network/mlp.h"
#include "model/network/trainer.h"
#include "model/training/extra_options.h"

namespace roicast {

enum class Preset { kCompact, kClassic, kClassicFullBatch, kAttention, kAccurate, kAuto };

struct TrainingSpec {
  std::string model;
  std::string dataset_digest;
  TargetSpec target;
  std::vector<ColumnOverride> columns;
  CleaningOptions cleaning;
  SplitSpec split;
  PreprocessingOptions preprocessing;
  TargetTransform target_transform = TargetTransform::kAuto;
  PredictionStatistic statistic = PredictionStatistic::kMean;
  Preset preset = Preset::kCompact;
  NetworkOptions network;
  TrainingOptions training;
  // Epochs, warm-up, dropout and weight decay are chosen by rows that were not learnt from
  // (capacity/select_capacity.h); what `network` and `training` say of them is not used. See ChoosesCapacity. Of
  // kAttention: the length of the schedule follows the rows, and rows that were not learnt from choose how much of it
  // is used; dropout and weight decay are the spec's.
  bool choose_capacity = false;
  // Wall-clock limit of the epochs; > 0. model/ has no clock: the TrainingObserver enforces it.
  absl::Duration time_limit = absl::InfiniteDuration();
  int64_t warm_start_version = 0;
  std::string weight_column;
  double profit_threshold = 0.0;
  // Columns that are named as in CampaignSchema() are what it says.
  bool campaign_schema = false;
  ExtraOptions extra;

  // Whether capacity is chosen: choose_capacity, unless it is a warm start, the activation passes on no linear sums, or
  // the optimiser has no weight decay.
  bool ChoosesCapacity() const;
  // Errors: InvalidArgument naming the field, what was expected and what came.
  absl::Status Validate() const;
};

// Share of the rows that PRESET_COMPACT watches, but does not learn from, if its epochs are fixed.
inline constexpr double kWatchedFraction = 0.05;

// A spec with the preset's network, optimisation and split.
TrainingSpec SpecFromPreset(Preset preset);

// CsvTableOptions::kinds for reading a dataset with this spec: the kinds that the spec gives, and numbers for the
// target and the weights.
std::vector<std::pair<std::string, FeatureKind>> KnownKinds(const TrainingSpec& spec);

}  // namespace roicast
