#include "model/training/preparation/moves/companion_fits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace roicast {
namespace {

// Words of fewer values have no level of their own, and of fewer rows no share.
constexpr double kFewestRowsOfWord = 5.0;
// Levels of words count from a standard deviation of 5 % on, and if chance explains less than a quarter of their
// variance; so do shares of rows without a value.
constexpr double kLeastVarianceOfLevels = 0.05 * 0.05, kTimesChance = 4.0;

double SlopeOf(const Logarithms& x, const Logarithms& y) {
  double xx = 0.0, xy = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(y[i])) continue;
    xx += x[i] * x[i];
    xy += x[i] * y[i];
  }
  return xx > 0.0 ? xy / xx : 0.0;
}

// Of effects of words, over the rows.
double VarianceOver(const std::vector<double>& rows, const std::vector<double>& effects) {
  double squares = 0.0, count = 0.0;
  for (size_t word = 0; word < rows.size(); ++word) {
    squares += rows[word] * effects[word] * effects[word];
    count += rows[word];
  }
  return count > 0.0 ? squares / count : 0.0;
}

double WordsWithRows(const std::vector<double>& rows) {
  return static_cast<double>(std::count_if(rows.begin(), rows.end(), [](double count) { return count > 0.0; }));
}

// Degrees of freedom that effects of words leave of so many values.
double Freedom(double count, absl::Span<const std::vector<double>> rows_of_words) {
  for (const std::vector<double>& rows : rows_of_words) count -= WordsWithRows(rows) - 1.0;
  return std::max(1.0, count - 2.0);
}

}  // namespace

bool CompanionFits::Add(int feature, size_t slope_categoricals) {
  const Logarithms y = LogarithmsOf(features_.column(feature).numbers, rows_);
  Logarithms x = LogarithmsOf(features_.column(spend_).numbers, rows_);
  for (size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i])) x[i] = y[i];
  }
  Fit fit;
  SpendCompanion& line = fit.line;
  line.feature = feature;
  Logarithms x_within = x, y_within = y;
  categories_.TakeOff(x_within, slope_categoricals);
  categories_.TakeOff(y_within, slope_categoricals);
  line.elasticity = SlopeOf(x_within, y_within);
  line.level = MeanOf(y) - line.elasticity * MeanOf(x);
  if (std::abs(line.elasticity) > SpendCompanion::kMostElasticity ||
      std::abs(line.level) > SpendCompanion::kMostLevel) {
    return false;
  }
  Logarithms own = y;
  for (size_t i = 0; i < own.size(); ++i) own[i] -= line.elasticity * x[i];
  categories_.TakeOff(own, categories_.CountFor(own), &fit.levels);
  fit.values = categories_.ValuesOfWords(y);
  MeasureSpread(own, fit);
  MeasureLacking(y, fit);
  if (fits_.empty()) first_own_ = std::move(own);
  fits_.push_back(std::move(fit));
  return true;
}

// own: what categories leave of what the line leaves.
void CompanionFits::MeasureSpread(const Logarithms& own, Fit& fit) const {
  double squares = 0.0, along = 0.0, count = 0.0;
  for (size_t i = 0; i < own.size(); ++i) {
    if (std::isnan(own[i])) continue;
    count += 1.0;
    squares += own[i] * own[i];
    if (i < first_own_.size() && !std::isnan(first_own_[i])) along += own[i] * first_own_[i];
  }
  const size_t taken_off = categories_.CountFor(own);
  const double variance = squares / Freedom(count, absl::MakeConstSpan(fit.values).first(taken_off));
  fit.line.spread = std::copysign(std::sqrt(variance), along);
  fit.chance_of_level = variance / count;
}

void CompanionFits::MeasureLacking(const Logarithms& values, Fit& fit) const {
  const auto count = static_cast<double>(values.size());
  fit.line.lacking = 1.0 - static_cast<double>(CountOf(values)) / count;
  if (fit.line.lacking == 0.0) return;
  std::vector<double> lacks;
  for (const double value : values) lacks.push_back(std::isnan(value) ? 1.0 : 0.0);
  const size_t taken_off = categories_.CountFor(lacks);
  categories_.TakeOff(lacks, taken_off, &fit.lacking);
  double squares = 0.0;
  for (const double left : lacks) squares += left * left;
  fit.chance_of_lacking = squares / Freedom(count, absl::MakeConstSpan(rows_of_words_).first(taken_off)) / count;
}

// Whether rows of the word usually lack the value, because of the word or anyway.
bool CompanionFits::Lacks(const Fit& fit, size_t k, size_t word) const {
  return !fit.lacking.empty() && rows_of_words_[k][word] >= kFewestRowsOfWord &&
         fit.line.lacking + fit.lacking[k][word] > SpendCompanion::kMostLacking;
}

bool CompanionFits::IsKnown(size_t k, size_t word) const {
  return std::all_of(fits_.begin(), fits_.end(),
                     [&](const Fit& fit) { return fit.values[k][word] >= kFewestRowsOfWord || Lacks(fit, k, word); });
}

double CompanionFits::VarianceOfLevels(const Fit& fit, size_t k) const {
  return VarianceOver(fit.values[k], fit.levels[k]);
}

double CompanionFits::VarianceOfLacking(const Fit& fit, size_t k) const {
  return fit.lacking.empty() ? 0.0 : VarianceOver(rows_of_words_[k], fit.lacking[k]);
}

// The largest variance of levels that are not of chance, over the lines.
double CompanionFits::LevelsMatter(size_t k) const {
  double most = 0.0;
  for (const Fit& fit : fits_) {
    const double variance = VarianceOfLevels(fit, k);
    const double of_chance = fit.chance_of_level * (WordsWithRows(fit.values[k]) - 1.0);
    if (variance >= kLeastVarianceOfLevels && variance >= kTimesChance * of_chance) most = std::max(most, variance);
  }
  return most;
}

// The same of shares, if a word makes rows lack what others have, or have what others lack.
double CompanionFits::LackingMatters(size_t k) const {
  double most = 0.0;
  for (const Fit& fit : fits_) {
    const double variance = VarianceOfLacking(fit, k);
    const double of_chance = fit.chance_of_lacking * (WordsWithRows(rows_of_words_[k]) - 1.0);
    if (!(variance > 0.0) || variance < kTimesChance * of_chance) continue;
    for (size_t word = 0; word < rows_of_words_[k].size(); ++word) {
      const bool usual = fit.line.lacking > SpendCompanion::kMostLacking;
      if (rows_of_words_[k][word] >= kFewestRowsOfWord && Lacks(fit, k, word) != usual) most = std::max(most, variance);
    }
  }
  return most;
}

// Those that matter for any line, as many as are stored: where values are at all comes before how large they are, and
// the largest variance first. All lines keep the same ones, so that products are kept.
std::vector<bool> CompanionFits::KeptCategoricals() const {
  std::vector<bool> kept(categories_.categoricals().size());
  std::vector<std::tuple<double, double, size_t>> order;
  for (size_t k = 0; k < kept.size(); ++k) {
    const double lacking = LackingMatters(k), levels = LevelsMatter(k);
    if (lacking > 0.0 || levels > 0.0) order.emplace_back(-lacking, -levels, k);
  }
  std::sort(order.begin(), order.end());
  size_t stored = 0;
  for (const auto& [lacking, levels, k] : order) {
    size_t words = 0;
    for (size_t word = 0; word < rows_of_words_[k].size(); ++word) words += IsKnown(k, word) ? 1 : 0;
    if (words == 0 || stored + words * fits_.size() > static_cast<size_t>(kMostWordLevels)) continue;
    stored += words * fits_.size();
    kept[k] = true;
  }
  return kept;
}

void CompanionFits::AddWords(const Fit& fit, size_t k, SpendCompanion& line) const {
  constexpr double kMost = SpendCompanion::kMostLevel;
  const CategoriesOfRows::Categorical& categorical = categories_.categoricals()[k];
  for (size_t word = 0; word < categorical.words.size(); ++word) {
    if (!IsKnown(k, word)) continue;
    const double lacking = fit.lacking.empty() ? 0.0 : std::clamp(fit.lacking[k][word], -1.0, 1.0);
    line.words.push_back(
        {categorical.feature, categorical.words[word], std::clamp(fit.levels[k][word], -kMost, kMost), lacking});
  }
}

std::vector<SpendCompanion> CompanionFits::Take() {
  std::vector<SpendCompanion> lines;
  const std::vector<bool> kept = KeptCategoricals();
  for (const Fit& fit : fits_) {
    SpendCompanion& line = lines.emplace_back(fit.line);
    double variance = line.spread * line.spread;
    for (size_t k = 0; k < kept.size(); ++k) {
      if (kept[k]) {
        AddWords(fit, k, line);
      } else {
        variance += VarianceOfLevels(fit, k);
      }
    }
    std::sort(line.words.begin(), line.words.end(), [](const WordLevel& a, const WordLevel& b) {
      return std::tie(a.feature, a.code) < std::tie(b.feature, b.code);
    });
    line.spread = std::copysign(std::min(std::sqrt(variance), SpendCompanion::kMostLevel), line.spread);
  }
  return lines;
}

}  // namespace roicast
