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
                                                   DidYouMeanOrList(name, schema.Names(), "it has")));
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
    return absl::InvalidArgumentError("most_per_group: expected a group_feature beside it, which is not given");
  }
  if (!group_feature.empty() && most_per_group < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("most_per_group: expected at least 1 with a group_feature, got ", most_per_group));
  }
  return absl::OkStatus();
}

absl::StatusOr<Ranking> Rank(const DecisionModel& model, absl::Span<const float> rows, const RankOptions& options,
                             const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model, options.spend_feature));
  ROICAST_ASSIGN_OR_RETURN(const int group_feature, GroupFeature(money.schema(), options.group_feature));
  const auto features = static_cast<size_t>(money.schema().size());
  const size_t n = rows.size() / features;
  if (n == 0) return absl::InvalidArgumentError("candidates: expected at least 1, got none");
  if (static_cast<int64_t>(n) > kMaxCandidates) {
    return absl::ResourceExhaustedError(
        absl::StrCat("candidates: expected at most ", kMaxCandidates, " in one call, got ", n));
  }

  std::vector<double> roi(n), low(options.lower_bound_level.has_value() ? n : 0);
  std::vector<uint8_t> flags(n);
  Uncertainty::Question lower;
  if (options.lower_bound_level.has_value()) {
    // Equal tails: what is above the lower one with this probability.
    ROICAST_ASSIGN_OR_RETURN(IntervalQuestion asked, AskForIntervals(model, 2.0 * *options.lower_bound_level - 1.0));
    if (!asked.question.has_value()) {
      return absl::FailedPreconditionError(absl::StrCat("lower_bound_level: ", asked.missing_because));
    }
    lower = *std::move(asked.question);
  }
  ROICAST_RETURN_IF_ERROR(money.Evaluate(rows, low.empty() ? nullptr : &lower,
                                         {absl::MakeSpan(roi), absl::MakeSpan(low), {}, absl::MakeSpan(flags)}, stop));

  Ranking ranking;
  ranking.candidates = static_cast<int64_t>(n);
  const auto spend_of = [&](size_t row) {
    return static_cast<double>(rows[row * features + static_cast<size_t>(money.spend_feature())]);
  };
  std::vector<double>& scores = low.empty() ? roi : low;
  std::vector<double> profits;
  if (options.by == RankBy::kProfit) {
    profits.resize(n);
    for (size_t i = 0; i < n; ++i) profits[i] = scores[i] * spend_of(i);
  }
  const std::vector<double>& by = profits.empty() ? scores : profits;
  std::vector<int64_t> candidates;
  candidates.reserve(n);
  for (size_t i = 0; i < n; ++i) {
    if (!std::isnan(roi[i]) && spend_of(i) > 0.0) {
      candidates.push_back(static_cast<int64_t>(i));
      continue;
    }
    if (ranking.refused++ > 0) continue;
    std::vector<RowWarning> warnings;
    const absl::Status why = model.predictor->Explain(rows.data() + i * features, warnings);
    ranking.first_refused = absl::StrCat("candidate ", i, ": ");
    if (!why.ok()) {
      absl::StrAppend(&ranking.first_refused, std::string(why.message()));
    } else {
      absl::StrAppend(&ranking.first_refused, money.spend().name, ": expected a spend above 0, got ",
                      std::isnan(spend_of(i)) ? std::string("none") : absl::StrCat(spend_of(i)));
    }
  }
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  std::vector<int32_t> groups;
  if (group_feature >= 0) {
    const auto f = static_cast<size_t>(group_feature);
    groups.resize(n);
    for (size_t i = 0; i < n; ++i) groups[i] = GroupOf(money.schema().features[f], rows[i * features + f]);
  }
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> best,
                           TakeBest(std::move(candidates), by, options.count, groups, options.most_per_group,
                                    &ranking.over_group_limit, stop));

  // Intervals of the best alone.
  std::vector<double> best_low(best.size(), kNoInterval), best_high(best.size(), kNoInterval);
  if (options.interval_level.has_value()) {
    ROICAST_ASSIGN_OR_RETURN(const IntervalQuestion asked, AskForIntervals(model, *options.interval_level));
    ranking.no_intervals_because = asked.missing_because;
    if (asked.question.has_value()) {
      std::vector<float> best_rows;
      best_rows.reserve(best.size() * features);
      for (const int64_t row : best) {
        const float* begin = rows.data() + static_cast<size_t>(row) * features;
        best_rows.insert(best_rows.end(), begin, begin + features);
      }
      ROICAST_RETURN_IF_ERROR(money.Evaluate(best_rows, &*asked.question,
                                             {{}, absl::MakeSpan(best_low), absl::MakeSpan(best_high), {}}, stop));
    }
  }
  for (size_t i = 0; i < best.size(); ++i) {
    const auto row = static_cast<size_t>(best[i]);
    const double spend = spend_of(row);
    ranking.best.push_back({best[i], by[row], roi[row], (1.0 + roi[row]) * spend, roi[row] * spend, spend, best_low[i],
                            best_high[i], flags[row] != 0});
  }
  return ranking;
}

}  // namespace roicast
