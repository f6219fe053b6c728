#include "model/training/fit/two_part_choice.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/evaluation/metrics.h"
#include "model/training/fit/two_part_fit.h"

namespace roicast {
namespace {

absl::Status NotZeroHeavy(const RowPart& train) {
  const double lowest = *std::min_element(train.roi.begin(), train.roi.end());
  const auto rows = std::count(train.roi.begin(), train.roi.end(), lowest);
  return absl::InvalidArgumentError(
      absl::StrCat("target.kind (--target-kind): expected, of a zero-heavy target, at least ", kFewestRowsOfAPart,
                   " training rows with the lowest value and ", kFewestRowsOfAPart, " with others, got ", lowest,
                   " in ", rows, " of ", train.roi.size(), " rows"));
}

// The squared error in the unit that is served, which is what a mean makes least. Better is by more than chance:
// one-sided, at 5 %. Where one network is off in sum, it need not be: that is shown already.
absl::StatusOr<std::string> TakeBetter(double rest, bool forced, const SumCheck& adds_up, TwoPartFit two_part,
                                       const StopCheck& stop, ModelFit& fit) {
  std::vector<double> plain;
  for (const double z : fit.network.out_of_fold) plain.push_back(fit.artifact.target.ToRoi(z));
  double plain_errors = 0.0, errors = 0.0;
  for (size_t i = 0; i < plain.size(); ++i) {
    plain_errors += (plain[i] - fit.train.roi[i]) * (plain[i] - fit.train.roi[i]);
    errors += (two_part.out_of_fold[i] - fit.train.roi[i]) * (two_part.out_of_fold[i] - fit.train.roi[i]);
  }
  const double gain = plain_errors > 0.0 ? 1.0 - errors / plain_errors : 0.0;
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, fit.train.EqualRows(stop));
  const double deviation = RelativeR2StandardError(fit.train.roi, two_part.out_of_fold, plain, groups);
  const auto at_rest = std::count(fit.train.roi.begin(), fit.train.roi.end(), rest);
  const std::string share =
      absl::StrFormat("the target is %g in %d of %d training rows: ", rest, at_rest, plain.size());
  const std::string than =
      absl::StrFormat("on rows that were not learnt from, its squared error is %.1f %% %s than that of one network",
                      100.0 * std::abs(gain), gain >= 0.0 ? "less" : "more");
  bool shown = gain > kNormalQuantile95 * deviation;
  if (!shown && gain > 0.0) {
    ROICAST_ASSIGN_OR_RETURN(const bool one_adds_up, adds_up(plain));
    ROICAST_ASSIGN_OR_RETURN(const bool two_add_up, adds_up(two_part.out_of_fold));
    shown = !one_adds_up && two_add_up;
  }
  if (!forced && !shown) {
    return absl::StrCat(share,
                        "a two-part model, of the probability of another value and its amount, is not shown to be "
                        "better; ",
                        than);
  }
  TakeTwoParts(std::move(two_part), fit);
  return absl::StrCat(share, "predictions combine the probability of another value with its amount; ", than);
}

}  // namespace

void TakeTwoParts(TwoPartFit two_part, ModelFit& fit) {
  Artifact& artifact = fit.artifact;
  const double floor = artifact.target.roi_floor;
  artifact.mlp = two_part.mlp;
  artifact.gate = two_part.gate;
  artifact.target = two_part.target;
  artifact.target.roi_floor = floor;
  fit.network.training = std::move(two_part.training);
  fit.two_part = std::move(two_part);
}

absl::Status ConsiderTwoParts(const TrainingSpec& spec, const TrainModelInputs& inputs, FitJournal& journal,
                              const SumCheck& adds_up, ModelFit& fit) {
  const bool forced = spec.target.kind == TargetKind::kZeroHeavy;
  if (spec.target.kind == TargetKind::kNumber) return absl::OkStatus();
  const bool can = spec.ChoosesCapacity() && spec.preset == Preset::kCompact && inputs.warm_start == nullptr;
  if (!can && forced) {
    return absl::InvalidArgumentError(
        "target.kind (--target-kind): expected number, or none, with another preset than compact, with fixed epochs, "
        "dropout or weight decay, and for a warm start; got zero-heavy");
  }
  if (!can) return absl::OkStatus();
  const std::optional<double> rest = RestOf(fit.train.roi, forced ? 0.0 : kLeastRestShare);
  if (!rest.has_value()) return forced ? NotZeroHeavy(fit.train) : absl::OkStatus();
  if (journal.out_of_time()) return absl::OkStatus();
  journal.SetStep("probability and amount");
  absl::StatusOr<TwoPartFit> two_part = FitTwoParts(*rest, fit.train, fit.preprocessor, spec, nullptr, journal);
  if (!forced && absl::IsFailedPrecondition(two_part.status())) return absl::OkStatus();
  ROICAST_RETURN_IF_ERROR(two_part.status());
  if (journal.out_of_time()) return absl::OkStatus();
  DataWarning remark;
  ROICAST_ASSIGN_OR_RETURN(remark.message,
                           TakeBetter(*rest, forced, adds_up, *std::move(two_part), journal.stop(), fit));
  remark.flags.push_back(fit.two_part.has_value() ? "--target-kind number" : "--target-kind zero-heavy");
  fit.network.warnings.insert(fit.network.warnings.begin(), std::move(remark));
  return absl::OkStatus();
}

}  // namespace roicast
