#include "model/decision/rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr double kNoInterval = std::numeric_limits<double>::quiet_NaN();
// Where values that training did not see are counted, and missing ones.
constexpr int32_t kUnseenGroup = -1, kMissingGroup = -2;

absl::StatusOr<int> GroupFeature(const Schema& schema, absl::string_view name) {
  if (name.empty()) return -1;
  const int feature = schema.IndexOf(name);
  if (feature < 0) {
    return absl::InvalidArgumentError(absl::StrCat("group_feature: expected a feature of the model, got \"", name, "\"",
                                                   DidYouMeanOrList(name, schema.features, "it has")));
  }
  if (schema.features[static_cast<size_t>(feature)].kind != FeatureKind::kCategorical) {
    return absl::InvalidArgumentError(
        absl::StrCat("group_feature: expected a categorical feature, but \"", name, "\" is not one"));
  }
  return feature;
}

int32_t GroupOf(const Feature& feature, float code) {
  if (std::isnan(code)) return kMissingGroup;
  return code < static_cast<float>(feature.vocabulary.size()) ? static_cast<int32_t>(code) : kUnseenGroup;
}

// Orders candidates: the better one first.
struct Better {
  const double* score;
  bool operator()(int64_t a, int64_t b) const { return score[a] != score[b] ? score[a] > score[b] : a < b; }
};

// The first `count` in order, at most `most` per group. Errors: stop's.
absl::StatusOr<std::vector<int64_t>> TakeBest(std::vector<int64_t> rows, const std::vector<double>& scores,
                                              int64_t count, const std::vector<int32_t>& groups, int64_t most,
                                              int64_t* over_limit, const StopCheck& stop) {
  const Better better{scores.data()};
  std::vector<int64_t> best;
  absl::flat_hash_map<int32_t, int64_t> taken;
  int64_t passed = 0;
  // Sorts only as far as is needed: four times as many each time.
  for (size_t begin = 0, size = static_cast<size_t>(count); begin < rows.size(); begin += size, size *= 4) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const size_t end = std::min(rows.size(), begin + size);
    std::partial_sort(rows.begin() + static_cast<int64_t>(begin), rows.begin() + static_cast<int64_t>(end), rows.end(),
                      better);
    for (size_t i = begin; i < end; ++i) {
      if (!groups.empty() && ++taken[groups[static_cast<size_t>(rows[i])]] > most) {
        ++passed;
        continue;
      }
      best.push_back(rows[i]);
      *over_limit = passed;
      if (static_cast<int64_t>(best.size()) == count) return best;
    }
  }
  *over_limit = passed;
  return best;
}

// Ranks the rows of one call.
class Ranker {
 public:
  Ranker(const MoneyModel& money, absl::Span<const float> rows, const RankOptions& options, int group_feature,
         const StopCheck& stop)
      : money_(money),
        rows_(rows),
        options_(options),
        group_feature_(group_feature),
        stop_(stop),
        features_(static_cast<size_t>(money.schema().size())),
        n_(rows.size() / features_) {}

  absl::StatusOr<Ranking> Run() {
    ROICAST_RETURN_IF_ERROR(Score());
    Ranking ranking;
    ranking.candidates = static_cast<int64_t>(n_);
    std::vector<int64_t> candidates = FindCandidates(ranking);
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> best,
                             TakeBest(std::move(candidates), scores_, options_.count, Groups(), options_.most_per_group,
                                      &ranking.over_group_limit, stop_));
    for (const int64_t candidate : best) {
      const auto row = static_cast<size_t>(candidate);
      const double spend = SpendOf(row);
      ranking.best.push_back({candidate, scores_[row], roi_[row], (1.0 + roi_[row]) * spend, roi_[row] * spend, spend,
                              kNoInterval, kNoInterval, flags_[row] != 0});
    }
    ROICAST_RETURN_IF_ERROR(AddIntervals(ranking));
    return ranking;
  }

 private:
  double SpendOf(size_t row) const { return rows_[row * features_ + static_cast<size_t>(money_.spend_feature())]; }

  // Fills in roi_, flags_ and scores_.
  absl::Status Score() {
    roi_.resize(n_);
    flags_.resize(n_);
    Uncertainty::Question lower;
    if (options_.lower_bound_level.has_value()) {
      // Equal tails: what is above the lower one with this probability.
      ROICAST_ASSIGN_OR_RETURN(IntervalQuestion asked,
                               AskForIntervals(money_.model(), 2.0 * *options_.lower_bound_level - 1.0));
      if (!asked.question.has_value()) {
        return absl::FailedPreconditionError(absl::StrCat("lower_bound_level: ", asked.missing_because));
      }
      lower = *std::move(asked.question);
      scores_.resize(n_);
    }
    ROICAST_RETURN_IF_ERROR(money_.Evaluate(rows_, scores_.empty() ? nullptr : &lower,
                                            {absl::MakeSpan(roi_), absl::MakeSpan(scores_), {}, absl::MakeSpan(flags_)},
                                            stop_));
    if (scores_.empty()) scores_ = roi_;
    if (options_.by == RankBy::kProfit) {
      for (size_t i = 0; i < n_; ++i) scores_[i] *= SpendOf(i);
    }
    return absl::OkStatus();
  }

  // The rows that can be ranked; counts the others.
  std::vector<int64_t> FindCandidates(Ranking& ranking) const {
    std::vector<int64_t> candidates;
    candidates.reserve(n_);
    for (size_t i = 0; i < n_; ++i) {
      if (!std::isnan(roi_[i]) && SpendOf(i) > 0.0) {
        candidates.push_back(static_cast<int64_t>(i));
      } else if (ranking.refused++ == 0) {
        ranking.first_refused = WhyRefused(i);
      }
    }
    return candidates;
  }

  std::string WhyRefused(size_t row) const {
    std::vector<RowWarning> warnings;
    const absl::Status why = money_.model().predictor->Explain(rows_.data() + row * features_, warnings);
    if (!why.ok()) return absl::StrCat("candidate ", row, ": ", std::string(why.message()));
    const double spend = SpendOf(row);
    return absl::StrCat("candidate ", row, ": ", money_.spend().name, ": expected a spend above 0, got ",
                        std::isnan(spend) ? std::string("none") : absl::StrCat(spend));
  }

  // Per row; empty without a group_feature.
  std::vector<int32_t> Groups() const {
    if (group_feature_ < 0) return {};
    const auto f = static_cast<size_t>(group_feature_);
    std::vector<int32_t> groups(n_);
    for (size_t i = 0; i < n_; ++i) groups[i] = GroupOf(money_.schema().features[f], rows_[i * features_ + f]);
    return groups;
  }

  // Of the best alone.
  absl::Status AddIntervals(Ranking& ranking) const {
    if (!options_.interval_level.has_value()) return absl::OkStatus();
    ROICAST_ASSIGN_OR_RETURN(const IntervalQuestion asked, AskForIntervals(money_.model(), *options_.interval_level));
    ranking.no_intervals_because = asked.missing_because;
    if (!asked.question.has_value()) return absl::OkStatus();
    const size_t count = ranking.best.size();
    std::vector<float> rows;
    rows.reserve(count * features_);
    for (const RankedCandidate& candidate : ranking.best) {
      const float* const begin = rows_.data() + static_cast<size_t>(candidate.row) * features_;
      rows.insert(rows.end(), begin, begin + features_);
    }
    std::vector<double> low(count), high(count);
    ROICAST_RETURN_IF_ERROR(
        money_.Evaluate(rows, &*asked.question, {{}, absl::MakeSpan(low), absl::MakeSpan(high), {}}, stop_));
    for (size_t i = 0; i < count; ++i) {
      ranking.best[i].roi_low = low[i];
      ranking.best[i].roi_high = high[i];
    }
    return absl::OkStatus();
  }

  const MoneyModel& money_;
  const absl::Span<const float> rows_;
  const RankOptions& options_;
  const int group_feature_;  // −1: none
  const StopCheck& stop_;
  const size_t features_, n_;
  std::vector<double> roi_, scores_;  // expected; what is ranked by
  std::vector<uint8_t> flags_;
};

}  // namespace

absl::Status RankOptions::Validate() const {
  if (count < 1) return absl::InvalidArgumentError(absl::StrCat("count: expected at least 1, got ", count));
  if (lower_bound_level.has_value() && !(*lower_bound_level > 0.5 && *lower_bound_level < 1.0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("lower_bound_level: expected a number above 0.5 and below 1, got ", *lower_bound_level));
  }
  if (interval_level.has_value() && !(*interval_level > 0.0 && *interval_level < 1.0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("interval_level: expected a number above 0 and below 1, got ", *interval_level));
  }
  if (group_feature.empty() && most_per_group != 0) {
    return absl::InvalidArgumentError("per_group: expected a group_feature beside it, which is not given");
  }
  if (!group_feature.empty() && most_per_group < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("per_group: expected at least 1 with a group_feature, got ", most_per_group));
  }
  return absl::OkStatus();
}

absl::StatusOr<Ranking> Rank(const DecisionModel& model, absl::Span<const float> rows, const RankOptions& options,
                             const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model, options.spend_feature));
  ROICAST_ASSIGN_OR_RETURN(const int group_feature, GroupFeature(money.schema(), options.group_feature));
  const size_t n = rows.size() / static_cast<size_t>(money.schema().size());
  if (n == 0) return absl::InvalidArgumentError("candidates: expected at least 1, got none");
  if (static_cast<int64_t>(n) > kMaxCandidates) {
    return absl::ResourceExhaustedError(
        absl::StrCat("candidates: expected at most ", kMaxCandidates, " in one call, got ", n));
  }
  return Ranker(money, rows, options, group_feature, stop).Run();
}

}  // namespace roicast
