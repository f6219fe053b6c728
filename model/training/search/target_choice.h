// On which scale a search learns the target.
//
// Errors on different scales do not compare, and in the target's own unit a few large rows would choose. What compares
// is how likely the rows out of fold are: on each scale errors are taken to be normal, and its density is brought to
// the target's unit by the derivative of the transform (Box and Cox, "An Analysis of Transformations", 1964).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/features/target_transform.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/search/trial.h"
#include "model/training/search_report.h"
#include "model/training/training_spec.h"

namespace roicast {

struct TargetChoice {
  TargetTransform transform = TargetTransform::kAuto;  // for RowEncoding
  // The best candidate of each scale; the score is that of the scale that would be taken without a comparison: 1 −
  // (geometric mean of the width of errors / that of a constant there)².
  std::vector<TriedModel> tried;
  std::string remark;    // if it is another scale than without a comparison; else empty
  double seconds = 0.0;  // of the reference machine
};

// Per row, the logarithm of the density of the target in its own unit, if errors on the scale of `target` are normal
// with the mean square of all rows. roi, z: per row, the truth and what is predicted of it, standardised.
std::vector<double> LogDensities(const FittedTarget& target, absl::Span<const double> roi, absl::Span<const double> z);

// What the spec says; if that is kAuto, and a few quick candidates take at most `most_seconds`, the scale on which the
// rows out of fold are most likely. Another scale than FitTarget's is taken if it is so by more than chance (one-sided,
// 5 %). Errors: those of FoldTrials.
absl::StatusOr<TargetChoice> ChooseTarget(const RowEncoder& encode, const TrainingSpec& spec, double most_seconds,
                                          FitJournal& journal);

}  // namespace roicast
