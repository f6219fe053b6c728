#include "model/training/preparation/moves/logarithms.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace roicast {
namespace {

// Ascending, each once.
std::vector<int32_t> OccurringWords(const Column& column, absl::Span<const int64_t> rows) {
  std::vector<int32_t> words;
  words.reserve(rows.size());
  for (const int64_t row : rows) words.push_back(column.codes[static_cast<size_t>(row)]);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  words.shrink_to_fit();
  return words;
}

}  // namespace

Logarithms LogarithmsOf(const PackedNumbers& numbers, absl::Span<const int64_t> rows) {
  Logarithms values;
  values.reserve(rows.size());
  for (const int64_t row : rows) {
    const double value = numbers[static_cast<size_t>(row)];
    values.push_back(value > 0.0 ? std::log(value) : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

size_t CountOf(const Logarithms& values) {
  return static_cast<size_t>(
      std::count_if(values.begin(), values.end(), [](double value) { return !std::isnan(value); }));
}

double MeanOf(const Logarithms& values) {
  double sum = 0.0;
  int64_t count = 0;
  for (const double value : values) {
    if (!std::isnan(value)) sum += value, ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

CategoriesOfRows::CategoriesOfRows(const Table& features, absl::Span<const int64_t> rows) {
  const auto is_before = [&features](const Categorical& a, const Categorical& b) {
    const size_t words_of_a = a.words.size(), words_of_b = b.words.size();
    return std::tie(words_of_a, features.column(a.feature).name) <
           std::tie(words_of_b, features.column(b.feature).name);
  };
  for (size_t f = 0; f < features.columns().size(); ++f) {
    const Column& column = features.columns()[f];
    if (column.kind != FeatureKind::kCategorical) continue;
    Categorical categorical = {static_cast<int>(f), OccurringWords(column, rows), {}};
    const size_t words = categorical.words.size();
    if (words < 2 || words * kFewestRowsPerWord > rows.size()) continue;
    const auto at = std::upper_bound(categoricals_.begin(), categoricals_.end(), categorical, is_before);
    categoricals_.insert(at, std::move(categorical));
    if (categoricals_.size() > kMostCategoricals) categoricals_.pop_back();
  }
  for (Categorical& categorical : categoricals_) {
    const std::vector<int32_t>& words = categorical.words;
    categorical.positions.reserve(rows.size());
    for (const int64_t row : rows) {
      const int32_t code = features.column(categorical.feature).codes[static_cast<size_t>(row)];
      categorical.positions.push_back(
          static_cast<int32_t>(std::lower_bound(words.begin(), words.end(), code) - words.begin()));
    }
  }
}

CategoriesOfRows::Effects CategoriesOfRows::ValuesOfWords(const Logarithms& values) const {
  Effects counts;
  for (const Categorical& categorical : categoricals_) {
    std::vector<double>& of_words = counts.emplace_back(categorical.words.size(), 0.0);
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isnan(values[i])) of_words[static_cast<size_t>(categorical.positions[i])] += 1.0;
    }
  }
  return counts;
}

size_t CategoriesOfRows::CountFor(const Effects& values_of_words) const {
  size_t words = 0, count = 0;
  for (; count < values_of_words.size(); ++count) {
    const std::vector<double>& values = values_of_words[count];
    words += static_cast<size_t>(std::count_if(values.begin(), values.end(), [](double of) { return of > 0.0; }));
    if (2.0 * static_cast<double>(words) > std::accumulate(values.begin(), values.end(), 0.0)) break;
  }
  return count;
}

void CategoriesOfRows::TakeOffOne(size_t k, Logarithms& values, std::vector<double>* effects) const {
  const Categorical& categorical = categoricals_[k];
  std::vector<double> means(categorical.words.size(), 0.0), counts(categorical.words.size(), 0.0);
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    means[static_cast<size_t>(categorical.positions[i])] += values[i];
    counts[static_cast<size_t>(categorical.positions[i])] += 1.0;
  }
  for (size_t word = 0; word < means.size(); ++word) {
    if (counts[word] > 0.0) means[word] /= counts[word];
    if (effects != nullptr) (*effects)[word] += means[word];
  }
  for (size_t i = 0; i < values.size(); ++i) values[i] -= means[static_cast<size_t>(categorical.positions[i])];
}

void CategoriesOfRows::TakeOff(Logarithms& values, size_t count, Effects* effects) const {
  const double mean = MeanOf(values);
  for (double& value : values) value -= mean;
  if (effects != nullptr) {
    effects->clear();
    for (const Categorical& categorical : categoricals_) effects->emplace_back(categorical.words.size(), 0.0);
  }
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (size_t k = 0; k < count; ++k) TakeOffOne(k, values, effects == nullptr ? nullptr : &(*effects)[k]);
  }
}

}  // namespace roicast
