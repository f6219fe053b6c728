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

// How many there are.
size_t CountOf(const Logarithms& values);

// Their mean; 0 of none.
double MeanOf(const Logarithms& values);

// The categorical features of rows, as far as their words have enough rows to say something.
class CategoriesOfRows {
 public:
  // As many as are looked at: those with the fewest words.
  static constexpr size_t kMostCategoricals = 16;
  // Of a categorical feature, on average.
  static constexpr size_t kFewestRowsPerWord = 10;

  struct Categorical {
    int feature = 0;                 // column of the table
    std::vector<int32_t> words;      // those that occur: codes of the table's dictionary, ascending
    std::vector<int32_t> positions;  // per row: of its word in `words`
  };

  CategoriesOfRows() = default;  // none
  CategoriesOfRows(const Table& features, absl::Span<const int64_t> rows);

  // Those with the fewest words first, and then by name, whatever the order of columns: what campaigns of one channel
  // have in common is the channel's, not theirs.
  const std::vector<Categorical>& categoricals() const { return categoricals_; }

  // How many of them, from the first on, have together half as many words as there are values, at most: more of them
  // would explain anything.
  size_t CountFor(const Logarithms& values) const { return CountFor(ValuesOfWords(values)); }

  // Takes off the mean, and then the means of words, one categorical feature after the other, several times
  // (backfitting; Hastie and Tibshirani, Generalized Additive Models, 1990, section 4.4), of the first `count` ones.
  // The result is linear in the values as long as the same ones are NaN. effects: nullptr, or gets what was taken off
  // for each word of each categorical feature; 0 of words without a value.
  using Effects = std::vector<std::vector<double>>;
  void TakeOff(Logarithms& values, size_t count, Effects* effects = nullptr) const;

  // How often TakeOff takes off the means of words.
  static constexpr int kSweeps = 3;
  // The means of words of one of them, once. effects: nullptr, or per word; gets what was taken off, added.
  void TakeOffOne(size_t k, Logarithms& values, std::vector<double>* effects = nullptr) const;

  // How many values each word of each categorical feature has.
  Effects ValuesOfWords(const Logarithms& values) const;
  // CountFor these.
  size_t CountFor(const Effects& values_of_words) const;

 private:
  std::vector<Categorical> categoricals_;
};

}  // namespace roicast
