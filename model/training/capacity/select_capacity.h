// Chooses how long a network is trained, and how strongly it is held back, by rows that it did not learn from.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/network/mlp.h"
#include "model/network/trainer.h"
#include "model/training/capacity/capacity.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/fit/fit_journal.h"

namespace roicast {

// What was fitted to the rows outside one fold.
struct FoldModel {
  LinearModel linear;
  Mlp network;  // no layers: none

  // network_share: of CapacitySelection.
  double Evaluate(const float* encoded_row, double network_share) const;
};

struct CapacitySelection {
  Capacity chosen;
  // How much of the network is added to the linear path, [0, 1]; 0: no network is worth training.
  double network_share = 0.0;
  // Per training row: what a linear path and a network that had not seen it predict, standardised; of the logistic loss
  // the log of the odds.
  std::vector<double> out_of_fold;
  // The part of the network in it, before the share; empty if the share is 0.
  std::vector<double> network_out_of_fold;
  // Of the mean of several such networks, where it is known (FitMembers).
  std::optional<double> ensemble_share;
  // Of the predictions of out_of_fold: 1 − squared error / squared error of the mean.
  double r2 = 0.0;
  // What predicted them, of the chosen capacity.
  std::vector<FoldModel> fold_models;
  // Per training row, the one of fold_models that predicted it.
  std::vector<int> fold_of;
  // The time was up before anything, or all, was compared. The share is 0.
  bool out_of_time = false;
  CapacityReport report;
};

inline constexpr int kCapacityFolds = 3;

// With so many steps and more a comparison takes most of the time of training: how much more a network is to be held
// back is compared with fewer.
inline constexpr int64_t kLongSchedule = 160'000;

// kQuick: two settings of 10,000 steps alone, held back more and less.
enum class CapacitySearch { kQuick, kFull };

// Fits the linear path (FitLinearPath), and to what it leaves a network of each setting, on two of three parts of the
// rows, and measures both on the third; each part once. Begins with five settings, from a few steps with strong
// regularisation on, and goes from the best one to its neighbours (longer, less held back, more held back) as long as
// one takes away 0.5 % of the squared error (of the logistic loss: of the deviance; FoldCriterion). From kLongSchedule
// on, only longer ones and those that are held back less. groups [n]: rows of one group, 0 ≤ group < n, are in one
// part. network: the shape; its dropout, and the epochs, warm-up and weight decay of `options`, are replaced. The
// journal's observer is told of each comparison, and polled. Deterministic. Errors: InvalidArgument (options),
// Cancelled.
absl::StatusOr<CapacitySelection> SelectCapacity(const TrainingRows& rows, absl::Span<const int64_t> groups,
                                                 const NetworkOptions& network, const TrainingOptions& options,
                                                 FitJournal& journal, CapacitySearch search = CapacitySearch::kFull);

// The same for one setting, which a selection has chosen.
absl::StatusOr<CapacitySelection> TryCapacity(const TrainingRows& rows, absl::Span<const int64_t> groups,
                                              const NetworkOptions& network, const TrainingOptions& options,
                                              const Capacity& capacity, FitJournal& journal);

// Sets dropout, weight decay, and as many epochs as these steps take with so many rows, at least 3.
void ApplyCapacity(const Capacity& capacity, int64_t rows, NetworkOptions& network, TrainingOptions& options);

}  // namespace roicast
