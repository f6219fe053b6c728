#include "model/training/preparation/find_moves.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "model/training/preparation/moves/logarithms.h"

namespace roicast {
namespace {

constexpr double kFewestPositive = 0.9;
// Of ln of the spend within categories: a spend that varies by less than 2 % says nothing.
constexpr double kLeastVariance = 0.02 * 0.02;

struct Line {
  double slope = 0.0, r2 = 0.0;
};

// Of y on x, both without categories, where y is known.
Line LineOf(const Logarithms& x, const Logarithms& y) {
  double xx = 0.0, xy = 0.0, yy = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(y[i])) continue;
    xx += x[i] * x[i];
    xy += x[i] * y[i];
    yy += y[i] * y[i];
  }
  if (!(xx > 0.0) || !(yy > 0.0)) return {};
  return {xy / xx, xy * xy / (xx * yy)};
}

// A number that may move.
struct MovingCandidate {
  int feature = 0;
  double r2 = 0.0;  // what ln of the spend explains of it
  bool moves = false;
};

// The logarithms of those that may be factors of the spend.
class LikelyFactors {
 public:
  void Offer(size_t candidate, double r2, const Logarithms& within) {
    // What gives the spend alone moves anyway, and would stand in for the factors.
    if (r2 >= kProductR2) return;
    // Of equal ones, the first stays.
    const auto at = std::upper_bound(kept_.begin(), kept_.end(), r2, [](double a, const Kept& b) { return a > b.r2; });
    if (at == kept_.end() && kept_.size() == kMostFactors) return;
    kept_.insert(at, {candidate, r2, within});
    if (kept_.size() > kMostFactors) kept_.pop_back();
  }

  // Sets `moves` of those that give the spend together.
  absl::Status Find(const CategoriesOfRows& categories, const Logarithms& spend, const StopCheck& stop,
                    std::vector<MovingCandidate>& candidates) const {
    std::vector<const Logarithms*> columns;
    for (const Kept& kept : kept_) columns.push_back(&kept.within);
    ROICAST_ASSIGN_OR_RETURN(const std::vector<size_t> factors, FindFactors(categories, spend, columns, stop));
    for (const size_t factor : factors) candidates[kept_[factor].candidate].moves = true;
    return absl::OkStatus();
  }

 private:
  struct Kept {
    size_t candidate = 0;
    double r2 = 0.0;
    Logarithms within;
  };
  std::vector<Kept> kept_;  // by r2, from high to low
};

// Of all rows that have a value, so that products of such lines are kept (MovesWithSpend).
SpendCompanion FitCompanion(const Table& features, int feature, int spend, absl::Span<const int64_t> rows,
                            const CategoriesOfRows& categories) {
  Logarithms y = LogarithmsOf(features.column(feature).numbers, rows);
  Logarithms x = LogarithmsOf(features.column(spend).numbers, rows);
  for (size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i])) x[i] = y[i];
  }
  const double mean_x = MeanOf(x), mean_y = MeanOf(y);
  categories.TakeOff(x);
  categories.TakeOff(y);
  SpendCompanion moving;
  moving.feature = feature;
  moving.elasticity = LineOf(x, y).slope;
  moving.level = mean_y - moving.elasticity * mean_x;
  return moving;
}

std::string QuotedNames(const Schema& schema, const std::vector<SpendCompanion>& features) {
  constexpr size_t kMostNames = 8;
  std::vector<std::string> names;
  for (const SpendCompanion& moving : features) {
    if (names.size() == kMostNames) break;
    names.push_back(absl::StrCat("\"", schema.features[static_cast<size_t>(moving.feature)].name, "\""));
  }
  if (features.size() > kMostNames) names.push_back(absl::StrCat(features.size() - kMostNames, " more"));
  if (names.size() == 1) return names.front();
  const std::string last = names.back();
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " and ", last);
}

}  // namespace

absl::StatusOr<FoundMoves> FindMovesWithSpend(const Schema& schema, const Table& features,
                                              absl::Span<const int64_t> rows, int spend, const StopCheck& stop) {
  FoundMoves found;
  const PackedNumbers& spends = features.column(spend).numbers;
  const size_t most = std::min(rows.size(), kMostRowsCompared);
  std::vector<int64_t> compared;
  compared.reserve(most);
  for (size_t i = 0; i < most; ++i) {
    const int64_t row = rows[i * rows.size() / most];
    if (spends[static_cast<size_t>(row)] > 0.0) compared.push_back(row);
  }
  if (compared.size() < kFewestRowsCompared) return found;
  const CategoriesOfRows categories(features, compared);
  Logarithms of_spend = LogarithmsOf(spends, compared);
  categories.TakeOff(of_spend);
  double squares = 0.0;
  for (const double value : of_spend) squares += value * value;
  if (squares < kLeastVariance * static_cast<double>(compared.size())) return found;
  std::vector<MovingCandidate> candidates;
  LikelyFactors likely;
  for (int f = 0; f < schema.size(); ++f) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    if (f == spend || schema.features[static_cast<size_t>(f)].kind != FeatureKind::kNumeric) continue;
    Logarithms within = LogarithmsOf(features.column(f).numbers, compared);
    const auto positive = std::count_if(within.begin(), within.end(), [](double value) { return !std::isnan(value); });
    if (static_cast<double>(positive) < kFewestPositive * static_cast<double>(compared.size())) continue;
    categories.TakeOff(within);
    const double r2 = LineOf(of_spend, within).r2;
    candidates.push_back({f, r2, r2 >= kMovingR2});
    likely.Offer(candidates.size() - 1, r2, within);
  }
  ROICAST_RETURN_IF_ERROR(likely.Find(categories, of_spend, stop, candidates));
  for (const MovingCandidate& candidate : candidates) {
    if (!candidate.moves) continue;
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const SpendCompanion moving = FitCompanion(features, candidate.feature, spend, compared, categories);
    const bool storable = std::abs(moving.elasticity) <= SpendCompanion::kMostElasticity &&
                          std::abs(moving.level) <= SpendCompanion::kMostLevel;
    if (!storable || found.moves.features.size() == static_cast<size_t>(kMostMovingFeatures)) continue;
    found.moves.spend = spend;
    found.moves.features.push_back(moving);
    found.r2.push_back(candidate.r2);
  }
  return found;
}

uint64_t FindMovesBytes(const Table& features) {
  // Logarithms of the spend and of a number, and a few copies of those of a product.
  constexpr uint64_t kColumns = 12;
  const auto numbers =
      static_cast<uint64_t>(std::count_if(features.columns().begin(), features.columns().end(),
                                          [](const Column& column) { return column.kind == FeatureKind::kNumeric; }));
  const uint64_t columns = std::min<uint64_t>(numbers, kMostFactors) + kColumns;
  const uint64_t rows = std::min<uint64_t>(static_cast<uint64_t>(features.rows()), kMostRowsCompared);
  return rows * (columns * sizeof(double) + CategoriesOfRows::kMostCategoricals * sizeof(int32_t) + sizeof(int64_t));
}

std::optional<DataWarning> MovesWarning(const Schema& schema, const FoundMoves& found) {
  const MovesWithSpend& moves = found.moves;
  if (moves.empty()) return std::nullopt;
  const bool one = moves.features.size() == 1;
  const std::string& spend = schema.features[static_cast<size_t>(moves.spend)].name;
  DataWarning warning;
  warning.serious = true;
  if (one) warning.column = schema.features[static_cast<size_t>(moves.features.front().feature)].name;
  const double lowest = *std::min_element(found.r2.begin(), found.r2.end());
  const std::string how = lowest >= kMovingR2
                              ? absl::StrFormat("R2 of the logarithms %s%.2f", one ? "" : "at least ", lowest)
                              : std::string("together they give it");
  warning.message =
      absl::StrCat(QuotedNames(schema, moves.features), one ? " moves" : " move", " with \"", spend, "\" (", how,
                   "): the model cannot tell what more spend brings from what ", one ? "it brings" : "they bring",
                   ". Curves, budgets and plans move ", one ? "it" : "them",
                   " along with the spend as in these rows, and are wrong where a campaign does not follow that. To "
                   "learn what spend "
                   "brings by itself, leave ",
                   one ? "it" : "them", " out");
  std::vector<std::string> flags;
  for (const SpendCompanion& moving : moves.features) {
    flags.push_back(ColumnFlag("--exclude", "", schema.features[static_cast<size_t>(moving.feature)].name));
  }
  warning.flags = {absl::StrJoin(flags, " ")};
  return warning;
}

}  // namespace roicast
