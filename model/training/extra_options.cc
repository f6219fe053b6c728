#include "model/training/extra_options.h"

#include "absl/strings/str_cat.h"

namespace roicast {

absl::Status ExtraOptions::Validate() const {
  if (folds != 0 && (folds < kFewestFolds || folds > kMostFolds)) {
    return absl::InvalidArgumentError(absl::StrCat("extra.folds (--folds): expected ", kFewestFolds, " to ", kMostFolds,
                                                   ", or 0 for no cross-validation, got ", folds));
  }
  if (time_budget <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("extra.time_budget (--time-budget): expected > 0, got ", absl::FormatDuration(time_budget)));
  }
  if (class_threshold.has_value() && !(*class_threshold > 0.0 && *class_threshold < 1.0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("extra.class_threshold: expected above 0 and below 1, got ", *class_threshold));
  }
  return absl::OkStatus();
}

}  // namespace roicast
