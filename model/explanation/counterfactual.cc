#include "model/explanation/counterfactual.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/explanation/counterfactual/change_axis.h"
#include "model/explanation/counterfactual/grid_search.h"
#include "model/explanation/counterfactual/shrink.h"
#include "model/explanation/counterfactual/trials.h"
#include "model/explanation/prediction_batch.h"

namespace roicast {
namespace {

using explanation::Candidate;
using explanation::ChangeAxis;
using explanation::Reached;
using explanation::Trials;

class CounterfactualSearch {
 public:
  CounterfactualSearch(const Background& background, std::vector<ChangeAxis> axes, const CounterfactualOptions& options,
                       Trials& trials)
      : background_(background),
        axes_(std::move(axes)),
        target_(options.goal == CounterfactualGoal::kAtLeast ? options.wanted : -options.wanted),
        limited_(options.max_features > 0),
        max_features_(limited_ ? options.max_features : static_cast<int>(axes_.size())),
        trials_(trials) {}

  // `start` becomes the nearest row that reaches the goal, or the best. Whether it reaches it.
  absl::StatusOr<bool> Run(Candidate& start) {
    if (start.gain >= target_) return true;
    ROICAST_ASSIGN_OR_RETURN(explanation::GridSearchResult grids,
                             explanation::SearchGrids(axes_, start, target_, max_features_, trials_));
    Candidate best = std::move(grids.best);
    if (grids.reached.empty()) ROICAST_RETURN_IF_ERROR(Climb(start, grids.combined, grids.reached, best));
    std::vector<Candidate> reached = grids.reached.Take();
    const bool any = !reached.empty();
    if (!any) {
      // What the best row does not need.
      ROICAST_RETURN_IF_ERROR(explanation::Shrink(axes_, best.gain, trials_, best));
      reached.push_back(std::move(best));
    } else {
      for (Candidate& candidate : reached)
        ROICAST_RETURN_IF_ERROR(explanation::Shrink(axes_, target_, trials_, candidate));
    }
    start = *std::min_element(reached.begin(), reached.end(),
                              [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
    return any;
  }

 private:
  // Ascends from the row, from the best row and from the rows of the background.
  absl::Status Climb(const Candidate& start, std::vector<int> movable, Reached& reached, Candidate& best) {
    std::vector<Candidate> climbers = {start, best};
    if (limited_ && max_features_ < static_cast<int>(axes_.size())) {
      climbers = {best};
      movable = explanation::ChangedAxes(axes_, best.row);
    } else {
      for (int b = 0; b < background_.size(); ++b) climbers.push_back(Towards(b, start));
      for (const Candidate& climber : climbers) {
        ROICAST_RETURN_IF_ERROR(trials_.Add(climber.row, axes_.front().feature, climber.row[axes_.front().feature]));
      }
      ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials_.Finish());
      for (size_t i = 0; i < climbers.size(); ++i) climbers[i].gain = gains[i];
    }
    ROICAST_RETURN_IF_ERROR(explanation::Ascend(axes_, movable, trials_, climbers));
    Candidate& highest = *std::max_element(climbers.begin(), climbers.end(),
                                           [](const Candidate& a, const Candidate& b) { return a.gain < b.gain; });
    ROICAST_RETURN_IF_ERROR(explanation::AscendBetween(axes_, movable, trials_, highest));
    for (Candidate& climber : climbers) {
      if (climber.gain > best.gain || (climber.gain == best.gain && climber.distance < best.distance)) best = climber;
      if (climber.gain >= target_) reached.Add(axes_, std::move(climber));
    }
    return absl::OkStatus();
  }

  // The row with a background row's values, where they are allowed.
  Candidate Towards(int b, const Candidate& start) const {
    Candidate climber = start;
    const size_t features = start.row.size();
    for (const ChangeAxis& axis : axes_) {
      const float value = background_.rows[static_cast<size_t>(b) * features + axis.feature];
      if (std::isnan(value)) continue;
      if (axis.word) {
        if (std::binary_search(axis.grid.begin(), axis.grid.end(), value)) climber.row[axis.feature] = value;
      } else {
        climber.row[axis.feature] = axis.Snap(value);
      }
    }
    return climber;
  }

  const Background& background_;
  const std::vector<ChangeAxis> axes_;
  const double target_;
  const bool limited_;
  const int max_features_;
  Trials& trials_;
};

// What moves along in this search.
MovesWithSpend MovesBeside(absl::Span<const Freedom> freedoms, const MovesWithSpend& moves) {
  const auto is_free = [&](int feature) {
    return std::any_of(freedoms.begin(), freedoms.end(),
                       [&](const Freedom& freedom) { return freedom.feature == feature; });
  };
  MovesWithSpend beside;
  if (moves.empty() || !is_free(moves.spend)) return beside;
  beside.spend = moves.spend;
  for (const SpendCompanion& moving : moves.features) {
    if (!is_free(moving.feature)) beside.features.push_back(moving);
  }
  return beside;
}

absl::Status CheckRow(const Predictor& predictor, const float* row, float prediction, int spend_of_roi) {
  if (spend_of_roi >= 0 && !(row[spend_of_roi] > 0.0f)) {
    const std::string& name = predictor.schema().features[static_cast<size_t>(spend_of_roi)].name;
    return absl::InvalidArgumentError(
        absl::StrCat("row: expected a spend > 0, of which its return is a part, got ",
                     std::isnan(row[spend_of_roi]) ? "none" : absl::StrCat(row[spend_of_roi]), " (\"", name, "\")"));
  }
  if (std::isfinite(prediction)) return absl::OkStatus();
  std::vector<RowWarning> warnings;
  if (absl::Status status = predictor.Explain(row, warnings); !status.ok()) return WithContext(status, "row");
  return absl::InvalidArgumentError(absl::StrCat("row: expected a finite prediction, got ", prediction));
}

}  // namespace

absl::Status CounterfactualOptions::Validate() const {
  if (!std::isfinite(wanted))
    return absl::InvalidArgumentError(absl::StrCat("wanted: expected a number, got ", wanted));
  if (!(cost_per_feature >= 0.0 && cost_per_feature <= kMaxChangeCost)) {
    return absl::InvalidArgumentError(absl::StrCat("cost_per_feature: expected 0 to 1e9, got ", cost_per_feature));
  }
  if (max_features < 0) {
    return absl::InvalidArgumentError(absl::StrCat("max_features: expected ≥ 0, got ", max_features));
  }
  return absl::OkStatus();
}

uint64_t CounterfactualBytes(const Schema& schema, int64_t background_rows, absl::Span<const Freedom> freedoms) {
  // Of a number: evenly spaced ones and those of the background, or steps.
  const auto background = static_cast<uint64_t>(background_rows), features = static_cast<uint64_t>(schema.size());
  const uint64_t numbers = background + 64;
  uint64_t all = 0, longest = 0;
  for (const Freedom& freedom : freedoms) {
    const auto words = schema.features[static_cast<size_t>(freedom.feature)].vocabulary.size();
    const uint64_t values = freedom.codes.empty() ? std::max<uint64_t>(words, numbers) : freedom.codes.size();
    all += values;
    longest = std::max(longest, values);
  }
  // See explanation::SearchGrids: single changes, then those of 48 rows along 48 axes; with copies while they are
  // sorted.
  constexpr uint64_t kCombined = 48, kStepBytes = 4 * 48, kValueBytes = 16, kGainBytes = 16;
  const uint64_t steps = all + kCombined * std::min<uint64_t>(kCombined, freedoms.size()) * numbers;
  const uint64_t climbers = background + 2;
  const uint64_t rows = std::max<uint64_t>(PredictionBatch::kBatchRows, 2 * features) + climbers + 3 * kCombined;
  return steps * kStepBytes + all * kValueBytes + climbers * (longest + 1) * kGainBytes +
         rows * (features + 1) * sizeof(float);
}

absl::StatusOr<Counterfactual> FindCounterfactual(const Predictor& predictor, const Background& background,
                                                  const float* row, absl::Span<const Freedom> freedoms,
                                                  const CounterfactualOptions& options, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  const Schema& schema = predictor.schema();
  ROICAST_RETURN_IF_ERROR(background.Validate(schema));
  if (freedoms.empty()) {
    return absl::InvalidArgumentError("expected at least one feature that may change, got none");
  }
  const MovesWithSpend moves = MovesBeside(freedoms, options.moves);
  Trials trials(predictor, options, moves, moves.empty() ? 0.0f : row[moves.spend], stop);
  Counterfactual result;
  Candidate candidate;
  candidate.row.assign(row, row + schema.size());
  ROICAST_RETURN_IF_ERROR(trials.Predict(candidate.row, result.prediction_before));
  ROICAST_RETURN_IF_ERROR(CheckRow(predictor, row, result.prediction_before, options.spend_of_roi));
  result.outcome_before = trials.OutcomeOf(row, result.prediction_before);
  candidate.gain = trials.GainOf(result.outcome_before);
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ChangeAxis> axes,
                           explanation::MakeChangeAxes(schema, background, row, freedoms, options.cost_per_feature));
  if (axes.empty()) {
    result.reached =
        candidate.gain >= (options.goal == CounterfactualGoal::kAtLeast ? options.wanted : -options.wanted);
  } else {
    ROICAST_ASSIGN_OR_RETURN(result.reached, CounterfactualSearch(background, axes, options, trials).Run(candidate));
  }
  ROICAST_RETURN_IF_ERROR(trials.Predict(candidate.row, result.prediction));
  result.outcome = trials.OutcomeOf(candidate.row.data(), result.prediction);
  for (const ChangeAxis& axis : axes) {
    const float value = candidate.row[axis.feature];
    if (axis.IsOriginal(value)) continue;
    result.changes.push_back({axis.feature, axis.original, value, axis.Distance(value)});
    result.distance += axis.Distance(value);
  }
  std::sort(result.changes.begin(), result.changes.end(),
            [](const FeatureChange& a, const FeatureChange& b) { return a.feature < b.feature; });
  result.row = std::move(candidate.row);
  trials.MoveAlong(result.row.data());
  for (const SpendCompanion& moving : moves.features) {
    const float now = result.row[static_cast<size_t>(moving.feature)];
    if (!std::isnan(now) && now != row[moving.feature])
      result.moved.push_back({moving.feature, row[moving.feature], now, 0.0});
  }
  result.evaluations = trials.evaluations();
  return result;
}

}  // namespace roicast
