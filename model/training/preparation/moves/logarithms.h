// Logarithms of numbers, and what categories explain of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/data/table.h"

namespace roicast {

using Logarithms = std::vector<double>;  // per row that is compared; NaN: there is none

// Of these rows, in their order; of values above 0.
Logarithms LogarithmsOf(const PackedNumbers& numbers, absl::Span<const int64_t> rows);

// Their mean; 0 of none.
double MeanOf(const Logarithms& values);

// The categorical features of rows, as far as their words have enough rows to say something.
class CategoriesOfRows {
 public:
  // As many as are looked at, in order of the table.
  static constexpr size_t kMostCategoricals = 16;
  // Of a categorical feature, on average.
  static constexpr size_t kFewestRowsPerWord = 10;

  struct Categorical {
    int feature = 0;             // column of the table
    std::vector<int32_t> codes;  // per row: that of the table's dictionary + 1; 0: missing
    size_t words = 0;            // codes are below it
  };

  CategoriesOfRows(const Table& features, absl::Span<const int64_t> rows);

  const std::vector<Categorical>& categoricals() const { return categoricals_; }

  // Takes off the mean, and then the means of words, one categorical feature after the other, several times
  // (backfitting; Hastie and Tibshirani, Generalized Additive Models, 1990, section 4.4). The result is linear in the
  // values as long as the same ones are NaN. effects: nullptr, or gets what was taken off for each word of each
  // categorical feature; 0 of words without a value.
  using Effects = std::vector<std::vector<double>>;
  void TakeOff(Logarithms& values, Effects* effects = nullptr) const;

 private:
  std::vector<Categorical> categoricals_;
};

}  // namespace roicast
