#include "model/training/preparation/find_moves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/note.h"

namespace roicast {
namespace {

constexpr size_t kMostRowsCompared = 20'000, kFewestRowsCompared = 20;
constexpr double kFewestPositive = 0.9;
// Of ln of the spend within categories: a spend that varies by less than 2 % says nothing.
constexpr double kLeastVariance = 0.02 * 0.02;
// A category has to have so many rows on average to be taken off.
constexpr size_t kRowsPerCategory = 10;
constexpr size_t kMostCategoricals = 16;
constexpr int kSweeps = 3;
// Products are looked for among so many numbers; all factors together leave a tenth of what all but one leave, at most.
constexpr size_t kMostFactors = 24, kFactorsOfProduct = 3;
constexpr double kFactorLeaves = 0.1;

constexpr double kNoLogarithm = std::numeric_limits<double>::quiet_NaN();

using Logarithms = std::vector<double>;  // per row that is compared; NaN: there is none

struct CategoryCodes {
  std::vector<int32_t> codes;  // from 0
  size_t words = 0;
};

double MeanOfLogarithms(const Logarithms& values) {
  double sum = 0.0;
  int64_t count = 0;
  for (const double value : values) {
    if (!std::isnan(value)) sum += value, ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

// Takes off the means of categories, one categorical after the other, several times (backfitting).
void TakeCategoriesOff(const std::vector<CategoryCodes>& categoricals, Logarithms& values) {
  const double mean = MeanOfLogarithms(values);
  for (double& value : values) value -= mean;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (const CategoryCodes& category : categoricals) {
      std::vector<double> sums(category.words, 0.0), counts(category.words, 0.0);
      for (size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        sums[static_cast<size_t>(category.codes[i])] += values[i];
        counts[static_cast<size_t>(category.codes[i])] += 1.0;
      }
      for (size_t i = 0; i < values.size(); ++i) {
        const auto code = static_cast<size_t>(category.codes[i]);
        if (counts[code] > 0.0) values[i] -= sums[code] / counts[code];
      }
    }
  }
}

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
  double mean = 0.0;  // of its logarithms
  Logarithms within;  // less what categories explain
  Line line;          // on those of the spend
};

// Positions of the candidates that give the spend together, by Gram-Schmidt: from each one on, the one that explains
// most of the rest is added.
class ProductSearch {
 public:
  ProductSearch(const Logarithms& spend, const std::vector<MovingCandidate>& candidates) {
    // What gives the spend alone moves anyway, and would stand in for the factors.
    for (size_t c = 0; c < candidates.size(); ++c) {
      if (candidates[c].line.r2 < kProductR2) order_.push_back(c);
    }
    std::stable_sort(order_.begin(), order_.end(),
                     [&](size_t a, size_t b) { return candidates[a].line.r2 > candidates[b].line.r2; });
    if (order_.size() > kMostFactors) order_.resize(kMostFactors);
    for (size_t i = 0; i < spend.size(); ++i) {
      const bool complete =
          std::none_of(order_.begin(), order_.end(), [&](size_t c) { return std::isnan(candidates[c].within[i]); });
      if (complete) rows_.push_back(i);
    }
    if (2 * rows_.size() < spend.size()) order_.clear();
    spend_ = Complete(spend);
    for (const size_t c : order_) columns_.push_back(Complete(candidates[c].within));
  }

  absl::StatusOr<std::vector<size_t>> Find(const StopCheck& stop) const {
    std::vector<bool> found(columns_.size());
    const double all = Dot(spend_, spend_);
    for (size_t first = 0; first < columns_.size() && all > 0.0; ++first) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop));
      std::vector<size_t> factors;
      std::vector<Logarithms> columns = columns_;
      Logarithms rest = spend_;
      double left = all;
      size_t next = first;
      while (true) {
        factors.push_back(next);
        const Logarithms taken = columns[next];
        Project(taken, rest);
        left = Dot(rest, rest);
        if (left <= (1.0 - kProductR2) * all || factors.size() == kFactorsOfProduct) break;
        double most = 0.0;
        for (size_t c = 0; c < columns.size(); ++c) {
          Project(taken, columns[c]);
          const double own = Dot(columns[c], columns[c]), product = Dot(columns[c], rest);
          if (own <= kRounding * Dot(columns_[c], columns_[c]) || product * product <= most * own) continue;
          most = product * product / own;
          next = c;
        }
        if (most == 0.0) break;
      }
      const bool gives_spend = left <= (1.0 - kProductR2) * all;
      if (!gives_spend || !AllAreNeeded(factors, left)) continue;
      for (const size_t factor : factors) found[factor] = true;
    }
    std::vector<size_t> positions;
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (found[c]) positions.push_back(order_[c]);
    }
    return positions;
  }

 private:
  // What is left of a column beside others is rounding.
  static constexpr double kRounding = 1e-9;

  // Whether the spend is known much worse without any one of them. left: what all leave of it.
  bool AllAreNeeded(const std::vector<size_t>& factors, double left) const {
    for (const size_t without : factors) {
      std::vector<Logarithms> others;
      Logarithms rest = spend_;
      for (const size_t factor : factors) {
        if (factor == without) continue;
        Logarithms column = columns_[factor];
        for (const Logarithms& other : others) Project(other, column);
        if (Dot(column, column) > kRounding * Dot(columns_[factor], columns_[factor])) Project(column, rest);
        others.push_back(std::move(column));
      }
      if (left > kFactorLeaves * Dot(rest, rest)) return false;
    }
    return true;
  }

  Logarithms Complete(const Logarithms& values) const {
    Logarithms complete;
    for (const size_t i : rows_) complete.push_back(values[i]);
    return complete;
  }
  static double Dot(const Logarithms& a, const Logarithms& b) {
    double sum = 0.0;
    for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
  // Takes the part along `direction` off.
  static void Project(const Logarithms& direction, Logarithms& values) {
    const double squares = Dot(direction, direction);
    if (!(squares > 0.0)) return;
    const double along = Dot(direction, values) / squares;
    for (size_t i = 0; i < values.size(); ++i) values[i] -= along * direction[i];
  }

  std::vector<size_t> order_, rows_;
  Logarithms spend_;
  std::vector<Logarithms> columns_;
};

std::vector<CategoryCodes> CategoricalsOf(const Table& features, absl::Span<const int64_t> rows) {
  std::vector<CategoryCodes> categoricals;
  for (const Column& column : features.columns()) {
    if (column.kind != FeatureKind::kCategorical || categoricals.size() == kMostCategoricals) continue;
    CategoryCodes category;
    std::vector<bool> seen(static_cast<size_t>(column.dictionary.size()) + 1);
    for (const int64_t row : rows) {
      category.codes.push_back(column.codes[static_cast<size_t>(row)] + 1);
      seen[static_cast<size_t>(category.codes.back())] = true;
    }
    category.words = seen.size();
    const auto occurring = static_cast<size_t>(std::count(seen.begin(), seen.end(), true));
    if (occurring > 1 && occurring * kRowsPerCategory <= rows.size()) categoricals.push_back(std::move(category));
  }
  return categoricals;
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
  std::vector<int64_t> compared;
  const size_t most = std::min(rows.size(), kMostRowsCompared);
  for (size_t i = 0; i < most; ++i) {
    const int64_t row = rows[i * rows.size() / most];
    if (spends[static_cast<size_t>(row)] > 0.0) compared.push_back(row);
  }
  if (compared.size() < kFewestRowsCompared) return found;
  const auto logarithms = [&](const PackedNumbers& numbers) {
    Logarithms values;
    for (const int64_t row : compared) {
      const double value = numbers[static_cast<size_t>(row)];
      values.push_back(value > 0.0 ? std::log(value) : kNoLogarithm);
    }
    return values;
  };
  const std::vector<CategoryCodes> categoricals = CategoricalsOf(features, compared);
  Logarithms of_spend = logarithms(spends);
  const double mean_spend = MeanOfLogarithms(of_spend);
  TakeCategoriesOff(categoricals, of_spend);
  double squares = 0.0;
  for (const double value : of_spend) squares += value * value;
  if (squares < kLeastVariance * static_cast<double>(compared.size())) return found;
  std::vector<MovingCandidate> candidates;
  for (int f = 0; f < schema.size(); ++f) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    if (f == spend || schema.features[static_cast<size_t>(f)].kind != FeatureKind::kNumeric) continue;
    MovingCandidate candidate;
    candidate.feature = f;
    candidate.within = logarithms(features.column(f).numbers);
    const auto positive = std::count_if(candidate.within.begin(), candidate.within.end(),
                                        [](double value) { return !std::isnan(value); });
    if (static_cast<double>(positive) < kFewestPositive * static_cast<double>(compared.size())) continue;
    candidate.mean = MeanOfLogarithms(candidate.within);
    TakeCategoriesOff(categoricals, candidate.within);
    candidate.line = LineOf(of_spend, candidate.within);
    candidates.push_back(std::move(candidate));
  }
  ROICAST_ASSIGN_OR_RETURN(const std::vector<size_t> factors, ProductSearch(of_spend, candidates).Find(stop));
  for (size_t c = 0; c < candidates.size(); ++c) {
    const MovingCandidate& candidate = candidates[c];
    const bool factor = std::find(factors.begin(), factors.end(), c) != factors.end();
    if (!factor && candidate.line.r2 < kMovingR2) continue;
    SpendCompanion moving;
    moving.feature = candidate.feature;
    moving.elasticity = candidate.line.slope;
    moving.level = candidate.mean - candidate.line.slope * mean_spend;
    const bool storable = std::abs(moving.elasticity) <= SpendCompanion::kMostElasticity &&
                          std::abs(moving.level) <= SpendCompanion::kMostLevel;
    if (!storable || found.moves.features.size() == static_cast<size_t>(kMostMovingFeatures)) continue;
    found.moves.spend = spend;
    found.moves.features.push_back(moving);
    found.r2.push_back(candidate.line.r2);
  }
  return found;
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
