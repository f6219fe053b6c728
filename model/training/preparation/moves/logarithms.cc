#include "model/training/preparation/moves/logarithms.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace roicast {
namespace {

constexpr int kSweeps = 3;

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

double MeanOf(const Logarithms& values) {
  double sum = 0.0;
  int64_t count = 0;
  for (const double value : values) {
    if (!std::isnan(value)) sum += value, ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

CategoriesOfRows::CategoriesOfRows(const Table& features, absl::Span<const int64_t> rows) {
  for (size_t f = 0; f < features.columns().size() && categoricals_.size() < kMostCategoricals; ++f) {
    const Column& column = features.columns()[f];
    if (column.kind != FeatureKind::kCategorical) continue;
    Categorical categorical;
    categorical.feature = static_cast<int>(f);
    categorical.codes.reserve(rows.size());
    std::vector<bool> seen(column.dictionary.size() + 1);
    for (const int64_t row : rows) {
      categorical.codes.push_back(column.codes[static_cast<size_t>(row)] + 1);
      seen[static_cast<size_t>(categorical.codes.back())] = true;
    }
    categorical.words = seen.size();
    const auto occurring = static_cast<size_t>(std::count(seen.begin(), seen.end(), true));
    const bool tells = occurring > 1 && occurring * kFewestRowsPerWord <= rows.size();
    if (tells) categoricals_.push_back(std::move(categorical));
  }
}

void CategoriesOfRows::TakeOff(Logarithms& values, Effects* effects) const {
  const double mean = MeanOf(values);
  for (double& value : values) value -= mean;
  if (effects != nullptr) {
    effects->clear();
    for (const Categorical& categorical : categoricals_) effects->emplace_back(categorical.words, 0.0);
  }
  std::vector<double> sums, counts;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (size_t k = 0; k < categoricals_.size(); ++k) {
      const Categorical& categorical = categoricals_[k];
      sums.assign(categorical.words, 0.0);
      counts.assign(categorical.words, 0.0);
      for (size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        sums[static_cast<size_t>(categorical.codes[i])] += values[i];
        counts[static_cast<size_t>(categorical.codes[i])] += 1.0;
      }
      for (size_t word = 0; word < categorical.words; ++word) {
        if (counts[word] > 0.0) sums[word] /= counts[word];
        if (effects != nullptr) (*effects)[k][word] += sums[word];
      }
      for (size_t i = 0; i < values.size(); ++i) values[i] -= sums[static_cast<size_t>(categorical.codes[i])];
    }
  }
}

}  // namespace roicast
