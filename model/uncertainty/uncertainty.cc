#include "model/uncertainty/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/uncertainty/missing_excess.h"
#include "model/uncertainty/range_excess.h"

namespace roicast {
namespace {

constexpr int64_t kBlock = ScoreTables::kMostRows;

float ValueAt(const RawRows& raw, int64_t row, int feature, int features) {
  if (raw.rows != nullptr) return raw.rows[row * features + feature];
  float value = 0.0f;
  GatherRow(raw.columns.subspan(static_cast<size_t>(feature), 1), row, &value);
  return value;
}

// The row's interval of Wilson widened to hold the prediction: predictions of a bin differ a little.
void AroundPrediction(const ScoreRange& range, float roi, float& low, float& high) {
  low = std::min(static_cast<float>(range.low), roi);
  high = std::max(static_cast<float>(range.high), roi);
}

}  // namespace

Uncertainty::Uncertainty(const Artifact& artifact, const Predictor* predictor)
    : schema_(artifact.schema),
      features_(artifact.features),
      target_(artifact.target),
      profit_threshold_(artifact.provenance.spec.profit_threshold),
      description_(artifact.report.target),
      missing_because_(artifact.report.calibration.missing_because),
      calibration_(artifact.calibration) {
  if (!calibration_.has_value()) return;
  if (calibration_->bins.empty()) missing_ = MissingExcess(artifact, predictor);
  for (const CalibrationGroup& group : calibration_->groups) typical_.push_back(TypicalScore(group));
  tables_.emplace(*calibration_);
  if (calibration_->group_feature.empty()) return;
  group_feature_ = schema_.IndexOf(calibration_->group_feature);
  ROICAST_CHECK(group_feature_ >= 0);
  group_of_.assign(schema_.features[group_feature_].vocabulary.size(), 0);
  for (size_t g = 1; g < calibration_->groups.size(); ++g) {
    group_of_[calibration_->groups[g].code] = static_cast<int32_t>(g);
  }
}

absl::StatusOr<Uncertainty::Question> Uncertainty::Ask(const UncertaintyOptions& options) const {
  Question question;
  if (!calibration_.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "it has no calibration, so nothing can be said about how sure its predictions are: ",
        missing_because_.empty() ? "it was trained by a release that did not make one" : missing_because_));
  }
  if (options.interval_level.has_value()) ROICAST_RETURN_IF_ERROR(AskInterval(*options.interval_level, question));
  if (!options.profit_probability) {
    if (!options.profit_threshold.has_value()) return question;
    return absl::InvalidArgumentError(
        "profit_threshold: expected profit_probability beside it, which is not asked for");
  }
  if (!calibration_->bins.empty() || (!description_.name.empty() && !description_.is_roi)) {
    return absl::InvalidArgumentError(absl::StrCat("profit_probability: expected a model that predicts an ROI, but \"",
                                                   description_.name, "\" is not one"));
  }
  const double threshold = options.profit_threshold.value_or(profit_threshold_);
  if (!std::isfinite(threshold)) {
    return absl::InvalidArgumentError(absl::StrCat("profit_threshold: expected a finite ROI, got ", threshold));
  }
  question.probability = true;
  question.threshold = static_cast<float>(target_.Transform(threshold));
  question.always_above = threshold < target_.roi_floor;
  if (NeedsShare()) {
    question.always_above = question.always_above || threshold < target_.rest;
    question.up_to_rest = threshold <= target_.rest;
  }
  return question;
}

absl::Status Uncertainty::AskInterval(double level, Question& question) const {
  question.interval = true;
  question.level = level;
  if (!(level > 0.0 && level < 1.0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("interval_level: expected a number above 0 and below 1, got ", level));
  }
  for (const CalibrationGroup& group : calibration_->groups) {
    absl::StatusOr<ScoreRange> range = IntervalScores(group, level);
    // A category with too few rows for this level has the interval of all rows.
    if (!range.ok() && question.of_group.empty()) return range.status();
    question.of_group.push_back(range.ok() ? *range : question.of_group.front());
  }
  if (calibration_->levels.has_value()) {
    ROICAST_ASSIGN_OR_RETURN(question.levels, IntervalLevels(*calibration_->levels, level));
    AskShapes(question);
  }
  return absl::OkStatus();
}

void Uncertainty::AskShapes(Question& question) const {
  const int64_t fewest = FewestRowsFor(question.level);
  for (const CalibrationGroup& shape : calibration_->shapes) {
    if (shape.rows < fewest) return question.of_shape.clear();
    const auto of_shape = static_cast<int32_t>(question.of_shape.size());
    const ScoreShapes::Place place = tables_->shapes().PlaceOf(of_shape);
    question.of_shape.push_back({tables_->shapes().ScoreAt(place, question.levels.low),
                                 tables_->shapes().ScoreAt(place, question.levels.high)});
  }
}

int Uncertainty::GroupOf(const RawRows& raw, int64_t row) const {
  const float code = ValueAt(raw, row, group_feature_, schema_.size());
  return code >= 0.0f && code < static_cast<float>(group_of_.size()) ? group_of_[static_cast<size_t>(code)] : 0;
}

// σ² grows by the excess, which is in variances of the target while σ is in those of the scores.
void Uncertainty::Widen(const Rows& rows, int64_t row, int group) const {
  std::vector<float> gathered;
  const float* values = rows.raw.rows + row * schema_.size();
  if (rows.raw.rows == nullptr) {
    gathered.resize(static_cast<size_t>(schema_.size()));
    GatherRow(rows.raw.columns, row, gathered.data());
    values = gathered.data();
  }
  const double location = rows.spread.location[static_cast<size_t>(row)];
  const double excess =
      SquaredExcess(schema_, features_, values, (location - target_.offset) / target_.factor, missing_);
  if (excess == 0.0) return;
  float& log_scale = rows.spread.log_scale[static_cast<size_t>(row)];
  const double deviation = typical_[static_cast<size_t>(group)] * std::exp(static_cast<double>(log_scale));
  log_scale += static_cast<float>(0.5 * std::log1p(excess / (deviation * deviation)));
}

void Uncertainty::AnswerFromBins(const Question& question, const Rows& rows) const {
  const std::vector<CalibrationBin>& bins = calibration_->bins;
  const auto interval = [&](const CalibrationBin& bin) {
    return WilsonInterval(bin.positives, bin.rows, question.level);
  };
  // Of few rows, not all bins are needed.
  std::vector<ScoreRange> of_bin;
  if (rows.roi.size() >= bins.size()) {
    for (const CalibrationBin& bin : bins) of_bin.push_back(interval(bin));
  }
  for (size_t i = 0; i < rows.roi.size(); ++i) {
    if (std::isnan(rows.roi[i])) {
      rows.low[i] = rows.high[i] = rows.roi[i];
      continue;
    }
    const auto bin = std::lower_bound(bins.begin(), bins.end() - 1, rows.roi[i],
                                      [](const CalibrationBin& b, float p) { return b.up_to < p; });
    AroundPrediction(of_bin.empty() ? interval(*bin) : of_bin[static_cast<size_t>(bin - bins.begin())], rows.roi[i],
                     rows.low[i], rows.high[i]);
  }
}

struct Uncertainty::Block {
  int64_t rows = 0;
  int32_t table[kBlock];  // the group, or the shape
  float weight[kBlock];   // of the next shape
  float low_score[kBlock], high_score[kBlock], score[kBlock];
};

void Uncertainty::FillProbabilities(const Question& question, const Block& block, const float* share,
                                    absl::Span<float> probability) const {
  const absl::Span<const float> scores(block.score, probability.size());
  double levels[kBlock];
  const absl::Span<double> below(levels, probability.size());
  if (calibration_->shapes.empty()) {
    tables_->DistributionOfGroups(block.table, scores, levels);
  } else {
    tables_->DistributionOfShapes(block.table, block.weight, scores, levels);
  }
  if (share != nullptr) {
    for (size_t i = 0; i < below.size(); ++i) {
      below[i] = TwoPartLevel(share[i], question.up_to_rest ? 0.0 : below[i]);
    }
  }
  if (calibration_->levels.has_value()) tables_->CorrectLevels(below);
  for (size_t i = 0; i < below.size(); ++i) {
    const float above = question.always_above ? 1.0f : static_cast<float>(1.0 - below[i]);
    probability[i] = std::isnan(scores[i]) ? scores[i] : above;
  }
}

void Uncertainty::RaiseToRest(const float* location, const float* score, absl::Span<float> ends) const {
  const auto rest = static_cast<float>(target_.rest);
  for (size_t i = 0; i < ends.size(); ++i) {
    if (!std::isnan(location[i]) && (std::isinf(score[i]) || ends[i] < rest)) ends[i] = rest;
  }
}

ScoreRange Uncertainty::RangeOf(const Question& question, const Rows& rows, size_t row, int group,
                                const ScoreShapes::Place& place) const {
  const ScoreRange of_group = question.of_group[static_cast<size_t>(group)];
  if (!calibration_->levels.has_value() || std::isnan(rows.spread.location[row])) return of_group;
  const bool shaped = !question.of_shape.empty();
  if (NeedsShare()) {
    const CalibrationGroup& amounts = calibration_->groups[static_cast<size_t>(group)];
    const auto score_at = [&](double share) {
      return shaped ? tables_->shapes().ScoreAt(place, share) : ScoreAt(amounts, share);
    };
    return TwoPartScores(question.levels, rows.spread.share[row], score_at);
  }
  if (!shaped) return of_group;
  const ScoreRange& low = question.of_shape[static_cast<size_t>(place.shape)];
  const ScoreRange& high = question.of_shape[static_cast<size_t>(place.shape) + 1];
  const double weight = place.weight;
  return {low.low + weight * (high.low - low.low), low.high + weight * (high.high - low.high)};
}

void Uncertainty::Locate(const Question& question, const Rows& rows, int64_t row, int64_t i, Block& block) const {
  const auto at = static_cast<size_t>(row);
  const int group = group_feature_ >= 0 ? GroupOf(rows.raw, row) : 0;
  if (rows.flags[at] != 0 && !std::isnan(rows.spread.location[at])) Widen(rows, row, group);
  ScoreShapes::Place place;
  if (!calibration_->shapes.empty()) place = tables_->shapes().At(rows.spread.location[at]);
  block.table[i] = calibration_->shapes.empty() ? group : place.shape;
  block.weight[i] = place.weight;
  if (!question.interval) return;
  const ScoreRange range = RangeOf(question, rows, at, group, place);
  block.low_score[i] = static_cast<float>(range.low);
  block.high_score[i] = static_cast<float>(range.high);
}

void Uncertainty::Answer(const Question& question, const Predictor& predictor, const Rows& rows) const {
  ROICAST_CHECK(rows.flags.size() == rows.roi.size() && rows.spread.location.size() == rows.roi.size() &&
                rows.spread.log_scale.size() == rows.roi.size());
  ROICAST_CHECK(!question.interval || (rows.low.size() == rows.roi.size() && rows.high.size() == rows.roi.size()));
  ROICAST_CHECK(!question.probability || rows.probability.size() == rows.roi.size());
  if (!calibration_->bins.empty()) {
    if (question.interval) AnswerFromBins(question, rows);
    return;
  }
  ROICAST_CHECK(!NeedsShare() || rows.spread.share.size() == rows.roi.size());
  const auto n = static_cast<int64_t>(rows.roi.size());
  Block block;
  for (int64_t base = 0; base < n; base += kBlock) {
    block.rows = std::min(kBlock, n - base);
    for (int64_t i = 0; i < block.rows; ++i) Locate(question, rows, base + i, i, block);
    IntervalRows asked;
    asked.n = block.rows;
    asked.location = rows.spread.location.data() + base;
    asked.log_scale = rows.spread.log_scale.data() + base;
    if (question.interval) {
      asked.low_score = block.low_score;
      asked.high_score = block.high_score;
      asked.low = rows.low.data() + base;
      asked.high = rows.high.data() + base;
    }
    if (question.probability) {
      asked.threshold = question.threshold;
      asked.score = block.score;
    }
    predictor.FillIntervals(asked);
    const auto part = [&](absl::Span<float> all) {
      return all.subspan(static_cast<size_t>(base), static_cast<size_t>(block.rows));
    };
    if (NeedsShare() && question.interval) {
      RaiseToRest(asked.location, block.low_score, part(rows.low));
      RaiseToRest(asked.location, block.high_score, part(rows.high));
    }
    if (question.probability) {
      FillProbabilities(question, block, NeedsShare() ? rows.spread.share.data() + base : nullptr,
                        part(rows.probability));
    }
  }
}

}  // namespace roicast
