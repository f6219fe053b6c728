#include "model/training/preparation/find_moves.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "model/training/preparation/moves/logarithms.h"

namespace roicast {
namespace {

constexpr double kFewestPositive = 0.9;
// Of ln of the spend within categories: a spend that varies by less than 2 % says nothing.
constexpr double kLeastVariance = 0.02 * 0.02;

constexpr uint64_t kSeed = 104;

// Those with a spend, in their order, of a random choice: each second row may be that of one channel.
std::vector<int64_t> RowsToCompare(const PackedNumbers& spends, absl::Span<const int64_t> rows) {
  const size_t most = std::min(rows.size(), kMostRowsCompared);
  Random random(kSeed);
  std::vector<int64_t> compared;
  compared.reserve(most);
  // Knuth, The Art of Computer Programming, volume 2, section 3.4.2, algorithm S.
  size_t wanted = most;
  for (size_t i = 0; i < rows.size() && wanted > 0; ++i) {
    if (random.Below(rows.size() - i) >= wanted) continue;
    --wanted;
    if (spends[static_cast<size_t>(rows[i])] > 0.0) compared.push_back(rows[i]);
  }
  return compared;
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

// Lines of what moves, and what categories add to them.
class CompanionFits {
 public:
  CompanionFits(const Table& features, int spend, absl::Span<const int64_t> rows, const CategoriesOfRows& categories)
      : features_(features), spend_(spend), rows_(rows), categories_(categories) {}

  // Of all rows that have a value, so that products of such lines are kept (MovesWithSpend).
  void Add(int feature) {
    Logarithms y = LogarithmsOf(features_.column(feature).numbers, rows_);
    Logarithms x = LogarithmsOf(features_.column(spend_).numbers, rows_);
    for (size_t i = 0; i < y.size(); ++i) {
      if (std::isnan(y[i])) x[i] = y[i];
    }
    Logarithms own = y;
    Fit& fit = fits_.emplace_back();
    fit.line.feature = feature;
    const double mean_x = MeanOf(x), mean_y = MeanOf(y);
    Logarithms x_within = x;
    categories_.TakeOff(x_within);
    categories_.TakeOff(y);
    fit.line.elasticity = LineOf(x_within, y).slope;
    fit.line.level = mean_y - fit.line.elasticity * mean_x;
    for (size_t i = 0; i < own.size(); ++i) own[i] -= fit.line.elasticity * x[i];
    categories_.TakeOff(own, &fit.effects);
    MeasureSpread(own, fit);
    if (fits_.size() == 1) first_own_ = std::move(own);
  }

  void RemoveLast() {
    fits_.pop_back();
    if (fits_.empty()) first_own_.clear();
  }
  const SpendCompanion& last() const { return fits_.back().line; }
  size_t size() const { return fits_.size(); }

  // The lines, with the levels of words that matter.
  std::vector<SpendCompanion> Take() {
    std::vector<SpendCompanion> lines;
    const std::vector<bool> kept = KeptCategoricals();
    for (Fit& fit : fits_) {
      SpendCompanion& line = lines.emplace_back(std::move(fit.line));
      double variance = line.spread * line.spread;
      for (size_t k = 0; k < kept.size(); ++k) {
        const CategoriesOfRows::Categorical& categorical = categories_.categoricals()[k];
        if (!kept[k]) {
          variance += VarianceOf(fit, k);
          continue;
        }
        for (size_t word = 0; word < categorical.words; ++word) {
          if (!IsFrequent(k, word)) continue;
          const double level =
              std::clamp(fit.effects[k][word], -SpendCompanion::kMostLevel, SpendCompanion::kMostLevel);
          line.words.push_back({categorical.feature, static_cast<int>(word) - 1, level});
        }
      }
      line.spread = std::copysign(std::min(std::sqrt(variance), SpendCompanion::kMostLevel), line.spread);
    }
    return lines;
  }

 private:
  // Words of fewer rows have no level of their own.
  static constexpr double kFewestRowsOfWord = 5.0;
  // Levels of words count from a standard deviation of 5 % on, and if chance explains less than a quarter of their
  // variance.
  static constexpr double kLeastVarianceOfLevels = 0.05 * 0.05, kTimesChance = 4.0;

  struct Fit {
    SpendCompanion line;
    CategoriesOfRows::Effects effects;
    double of_chance = 0.0;  // variance of the mean of one row
  };

  // own: what categories leave of what the line leaves.
  void MeasureSpread(const Logarithms& own, Fit& fit) const {
    double squares = 0.0, along = 0.0, count = 0.0, words = 0.0;
    for (size_t i = 0; i < own.size(); ++i) {
      if (std::isnan(own[i])) continue;
      count += 1.0;
      squares += own[i] * own[i];
      if (i < first_own_.size() && !std::isnan(first_own_[i])) along += own[i] * first_own_[i];
    }
    for (size_t k = 0; k < categories_.categoricals().size(); ++k) words += OccurringWords(k) - 1.0;
    const double variance = squares / std::max(1.0, count - words - 2.0);
    fit.line.spread = std::copysign(std::sqrt(variance), along);
    fit.of_chance = variance / count;
  }

  const std::vector<double>& RowsOfWords(size_t k) const {
    if (rows_of_words_.empty()) {
      for (const CategoriesOfRows::Categorical& categorical : categories_.categoricals()) {
        std::vector<double>& counts = rows_of_words_.emplace_back(categorical.words, 0.0);
        for (const int32_t code : categorical.codes) counts[static_cast<size_t>(code)] += 1.0;
      }
    }
    return rows_of_words_[k];
  }
  bool IsFrequent(size_t k, size_t word) const { return RowsOfWords(k)[word] >= kFewestRowsOfWord; }
  double OccurringWords(size_t k) const {
    const std::vector<double>& counts = RowsOfWords(k);
    return static_cast<double>(std::count_if(counts.begin(), counts.end(), [](double rows) { return rows > 0.0; }));
  }

  // Of the levels of a categorical feature's words, over the rows.
  double VarianceOf(const Fit& fit, size_t k) const {
    double squares = 0.0;
    for (size_t word = 0; word < fit.effects[k].size(); ++word) {
      squares += RowsOfWords(k)[word] * fit.effects[k][word] * fit.effects[k][word];
    }
    return squares / static_cast<double>(rows_.size());
  }

  // Those with levels that matter for any line, from the largest on, as many as are stored. All lines keep the same
  // ones, so that products are kept.
  std::vector<bool> KeptCategoricals() const {
    std::vector<bool> kept(categories_.categoricals().size());
    std::vector<std::pair<double, size_t>> order;
    for (size_t k = 0; k < kept.size(); ++k) {
      double most = 0.0;
      for (const Fit& fit : fits_) {
        const double variance = VarianceOf(fit, k);
        const double of_chance = fit.of_chance * (OccurringWords(k) - 1.0);
        if (variance >= kLeastVarianceOfLevels && variance >= kTimesChance * of_chance) most = std::max(most, variance);
      }
      if (most > 0.0) order.emplace_back(-most, k);
    }
    std::sort(order.begin(), order.end());
    size_t levels = 0;
    for (const auto& [variance, k] : order) {
      size_t words = 0;
      for (size_t word = 0; word < RowsOfWords(k).size(); ++word) words += IsFrequent(k, word) ? 1 : 0;
      if (words == 0 || levels + words * fits_.size() > static_cast<size_t>(kMostWordLevels)) continue;
      levels += words * fits_.size();
      kept[k] = true;
    }
    return kept;
  }

  const Table& features_;
  const int spend_;
  const absl::Span<const int64_t> rows_;
  const CategoriesOfRows& categories_;
  std::vector<Fit> fits_;
  Logarithms first_own_;
  mutable std::vector<std::vector<double>> rows_of_words_;
};

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
  const std::vector<int64_t> compared = RowsToCompare(spends, rows);
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
  CompanionFits fits(features, spend, compared, categories);
  for (const MovingCandidate& candidate : candidates) {
    if (!candidate.moves) continue;
    if (fits.size() == static_cast<size_t>(kMostMovingFeatures)) break;
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    fits.Add(candidate.feature);
    const SpendCompanion& line = fits.last();
    if (std::abs(line.elasticity) <= SpendCompanion::kMostElasticity &&
        std::abs(line.level) <= SpendCompanion::kMostLevel) {
      found.r2.push_back(candidate.r2);
    } else {
      fits.RemoveLast();
    }
  }
  if (fits.size() > 0) found.moves = {spend, fits.Take()};
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
  // Levels of words, of each line.
  const auto words = static_cast<uint64_t>(features.columns().size()) - numbers;
  const uint64_t levels = std::min<uint64_t>(numbers, static_cast<uint64_t>(kMostMovingFeatures)) *
                          std::min<uint64_t>(words, CategoriesOfRows::kMostCategoricals) /
                          CategoriesOfRows::kFewestRowsPerWord;
  return rows * ((columns + levels) * sizeof(double) + CategoriesOfRows::kMostCategoricals * sizeof(int32_t) +
                 sizeof(int64_t));
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
