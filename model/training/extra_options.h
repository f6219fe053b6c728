// What is learnt beside the predictions themselves, and from what. Mirrors roicast.v1.ExtraOptions.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace roicast {

inline constexpr int kFewestFolds = 2;
inline constexpr int kMostFolds = 50;

struct ExtraOptions {
  int folds = 0;  // of the cross-validation, kFewestFolds to kMostFolds, at most the number of rows; 0: none
  absl::Duration time_budget = absl::Seconds(60);  // of a search, > 0
  bool distill = false;
  bool select_features = false;
  bool diminishing_returns = false;       // training/diminishing_returns.h
  std::string interval_group;             // a categorical feature; empty: none
  std::optional<double> class_threshold;  // (0, 1); unset: chosen

  bool operator==(const ExtraOptions& other) const = default;
  // Errors: InvalidArgument naming the field, what was expected and what came.
  absl::Status Validate() const;
};

}  // namespace roicast
