#include "model/uncertainty/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/uncertainty/range_excess.h"

namespace roicast {
namespace {

// Rows whose scores are laid out at once.
constexpr int64_t kBlock = 256;

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

Uncertainty::Uncertainty(const Artifact& artifact)
    : schema_(artifact.schema),
      features_(artifact.features),
      target_(artifact.target),
      profit_threshold_(artifact.provenance.spec.profit_threshold),
      description_(artifact.report.target),
      missing_because_(artifact.report.calibration.missing_because),
      calibration_(artifact.calibration),
      kernels_(predictor::ChosenKernels()) {
  if (!calibration_.has_value()) return;
  for (const CalibrationGroup& group : calibration_->groups) typical_.push_back(TypicalScore(group));
  BuildTables();
  if (calibration_->group_feature.empty()) return;
  group_feature_ = schema_.IndexOf(calibration_->group_feature);
  ROICAST_CHECK(group_feature_ >= 0);
  group_of_.assign(schema_.features[group_feature_].vocabulary.size(), 0);
  for (size_t g = 1; g < calibration_->groups.size(); ++g) {
    group_of_[calibration_->groups[g].code] = static_cast<int32_t>(g);
  }
}

void Uncertainty::BuildTables() {
  static_assert(kMaxStoredScores <= predictor::kSearchValues);
  std::vector<const CalibrationGroup*> groups;
  for (const CalibrationGroup& group : calibration_->groups) groups.push_back(&group);
  if (calibration_->levels.has_value()) groups.push_back(&*calibration_->levels);
  tables_.Reset(groups.size() * predictor::kSearchTable);
  for (size_t g = 0; g < groups.size(); ++g) {
    const std::vector<float>& scores = groups[g]->scores;
    float* const table = tables_.data() + g * predictor::kSearchTable;
    std::fill_n(std::copy(scores.begin(), scores.end(), table), predictor::kSearchValues - scores.size(),
                std::numeric_limits<float>::infinity());
    for (int i = 0; i < predictor::kSearchPivots; ++i) {
      table[predictor::kSearchValues + i] = table[(i + 1) * predictor::kSearchValues / predictor::kSearchPivots - 1];
    }
    distributions_.emplace_back(*groups[g]);
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
  if (calibration_->levels.has_value()) {
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
  }
  return absl::OkStatus();
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
  const double excess = SquaredExcess(schema_, features_, values);
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

void Uncertainty::FillProbabilities(const Question& question, const int32_t* group, const float* score,
                                    const float* share, absl::Span<float> probability) const {
  const auto n = static_cast<int64_t>(probability.size());
  int32_t at_most[kBlock];
  kernels_.count_at_most(tables_.data(), group, score, n, at_most);
  double below[kBlock];
  for (int64_t i = 0; i < n; ++i) below[i] = distributions_[static_cast<size_t>(group[i])].At(score[i], at_most[i]);
  if (calibration_->levels.has_value()) {
    float level[kBlock];
    int32_t table[kBlock];
    for (int64_t i = 0; i < n; ++i) {
      level[i] = static_cast<float>(TwoPartLevel(share[i], question.up_to_rest ? 0.0 : below[i]));
      table[i] = static_cast<int32_t>(calibration_->groups.size());
    }
    kernels_.count_at_most(tables_.data(), table, level, n, at_most);
    for (int64_t i = 0; i < n; ++i) below[i] = distributions_.back().At(level[i], at_most[i]);
  }
  for (int64_t i = 0; i < n; ++i) {
    const float above = question.always_above ? 1.0f : static_cast<float>(1.0 - below[i]);
    probability[static_cast<size_t>(i)] = std::isnan(score[i]) ? score[i] : above;
  }
}

void Uncertainty::RaiseToRest(const float* location, const float* score, absl::Span<float> ends) const {
  const auto rest = static_cast<float>(target_.rest);
  for (size_t i = 0; i < ends.size(); ++i) {
    if (!std::isnan(location[i]) && (std::isinf(score[i]) || ends[i] < rest)) ends[i] = rest;
  }
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
  const bool two_part = calibration_->levels.has_value();
  ROICAST_CHECK(!two_part || rows.spread.share.size() == rows.roi.size());
  const auto n = static_cast<int64_t>(rows.roi.size());
  float low_score[kBlock], high_score[kBlock], score[kBlock];
  int32_t group[kBlock];
  for (int64_t base = 0; base < n; base += kBlock) {
    const int64_t count = std::min(kBlock, n - base);
    for (int64_t i = 0; i < count; ++i) {
      const auto row = static_cast<size_t>(base + i);
      group[i] = group_feature_ >= 0 ? GroupOf(rows.raw, base + i) : 0;
      if (rows.flags[row] != 0 && !std::isnan(rows.spread.location[row])) Widen(rows, base + i, group[i]);
      if (!question.interval) continue;
      const auto of_row = static_cast<size_t>(group[i]);
      ScoreRange range = question.of_group[of_row];
      if (two_part && !std::isnan(rows.spread.location[row])) {
        range = TwoPartScores(question.levels, rows.spread.share[row], calibration_->groups[of_row]);
      }
      low_score[i] = static_cast<float>(range.low);
      high_score[i] = static_cast<float>(range.high);
    }
    IntervalRows block;
    block.n = count;
    block.location = rows.spread.location.data() + base;
    block.log_scale = rows.spread.log_scale.data() + base;
    if (question.interval) {
      block.low_score = low_score;
      block.high_score = high_score;
      block.low = rows.low.data() + base;
      block.high = rows.high.data() + base;
    }
    if (question.probability) {
      block.threshold = question.threshold;
      block.score = score;
    }
    predictor.FillIntervals(block);
    if (two_part && question.interval) {
      RaiseToRest(block.location, low_score, rows.low.subspan(static_cast<size_t>(base), count));
      RaiseToRest(block.location, high_score, rows.high.subspan(static_cast<size_t>(base), count));
    }
    if (question.probability) {
      FillProbabilities(question, group, score, two_part ? rows.spread.share.data() + base : nullptr,
                        rows.probability.subspan(static_cast<size_t>(base), count));
    }
  }
}

}  // namespace roicast
