// Fits everything that predicts, preprocessing, target and network, to some rows of a prepared dataset.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/features/preprocessor.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/network_fit.h"
#include "model/training/fit/row_part.h"
#include "model/training/fit/two_part_fit.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/search/search_plan.h"
#include "model/training/train_model.h"
#include "model/training/training_spec.h"

namespace roicast {

struct ModelFit {
  // Schema, features, mlp and target, with the smearing correction from rows that the network had not seen, if there
  // are any; of a two-valued target the report has the class threshold, from such rows, too. The rest is not filled in.
  Artifact artifact;
  Preprocessor preprocessor;
  PreprocessingOptions preprocessing;  // with what was chosen: month, ramps and trend
  RowPart train, validation;
  NetworkFit network;
  // Set if it is what the artifact has, instead of the network.
  std::optional<TwoPartFit> two_part;
  std::optional<SearchPlan> search;  // of PRESET_AUTO
};

// Rows of the dataset's table, ascending.
struct FitRows {
  absl::Span<const int64_t> train, validation;
};

// inputs: all but resume_from is used. earlier: a fit to fewer rows, whose transforms and capacity are kept; then there
// are no predictions out of fold. nullptr: everything is chosen. Errors: InvalidArgument (the spec asks for what the
// rows do not allow), FailedPrecondition (diverged), ResourceExhausted (limits, memory), Cancelled.
absl::StatusOr<ModelFit> FitModel(const PreparedData& data, const FitRows& rows, const TrainingSpec& spec,
                                  const TrainModelInputs& inputs, const ModelFit* earlier, FitJournal& journal);

// Sets the smearing terms of artifact.target by FitMean: by training rows as they were predicted out of fold, else by
// validation rows; where there are neither, by the rows that were learnt from, whose errors are too small. Errors:
// those of `stop`.
absl::Status LearnSmearing(const ModelFit& fit, const StopCheck& stop, Artifact& artifact);

// Per training row, what would be served of it by a model that had not seen it, in the target's own unit; of two values
// the probability. Empty if the spec fixes the capacity.
std::vector<double> ServedOutOfFold(const ModelFit& fit);

}  // namespace roicast
