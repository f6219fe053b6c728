// The range of a numeric feature that campaigns of a kind had in training: those with one word in a categorical
// feature.
//
// Nothing is known of such campaigns outside of it, even where other campaigns had such values: a model that learnt
// e-mail at spends up to 2,000 and video up to 30,000 has learnt nothing of e-mail at 10,000.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/schema.h"
#include "model/data/table.h"
#include "model/features/preprocessor.h"

namespace roicast {

// The same preprocessing, whose schema has the ranges of a numeric feature by the words of the categorical ones, in
// order of the schema. Kept are words whose range leaves out more of all rows than chance does: at least 5 %, and at
// least 8 / (n + 1) where the word has n rows. The range of n rows leaves out 2 / (n + 1) of the same population on
// average, and more than four times that with a probability of 0.3 %. Only of features with at most kMaxRangedWords
// words, and at most kMaxWordRanges in all. rows: those that it was fitted to. Errors: those of `stop`.
absl::StatusOr<Preprocessor> WithWordRanges(const Preprocessor& preprocessor, const Table& rows, int numeric,
                                            const StopCheck& stop);

// Which of a feature's word ranges, of words that the row has, a value of the feature is outside of; nullptr: none.
// feature: of the schema of the row, numeric; value: usual or out of range. Bounds are compared as float32.
const WordRange* BrokenWordRange(const Feature& feature, const float* row, float value);

// Whether a row has the word of a range.
bool HasWord(const WordRange& range, const float* row);

// Whether a usual value of the feature is outside of what training saw, at large or of the row's words.
bool IsOutside(const Feature& feature, const float* row, float value);

// What rows with this row's words had: the range of training, cut by those of the words. A range that would leave
// nothing is not counted: no campaign of training had both words' values. by: the ranges that cut it, in order.
struct RangeOfRow {
  double min = 0.0, max = 0.0;
  std::vector<const WordRange*> by;
};
RangeOfRow SeenRangeOf(const Feature& feature, const float* row);

// The same question for many rows at once, at the cost of two comparisons per row and categorical feature.
// Immutable; safe to use concurrently.
class WordRangeTable {
 public:
  explicit WordRangeTable(const Schema& schema);

  // No feature has any: there is nothing to ask.
  bool empty() const { return pairs_.empty(); }

  // value(row, feature): of n raw rows. Sets flags[row] to 1 where BrokenWordRange is not nullptr for a feature.
  template <typename Value>
  void Flag(int64_t n, const Value& value, uint8_t* flags) const {
    for (const Pair& pair : pairs_) {
      const float* const low = bounds_.data() + pair.bounds;
      const float* const high = low + pair.words + 1;
      for (int64_t i = 0; i < n; ++i) {
        const float code = value(i, pair.categorical), number = value(i, pair.numeric);
        // The last one is without bounds, for unseen and missing words.
        const int32_t word =
            code >= 0.0f && code < static_cast<float>(pair.words) ? static_cast<int32_t>(code) : pair.words;
        flags[i] |= static_cast<uint8_t>(number < low[word]) | static_cast<uint8_t>(number > high[word]);
      }
    }
  }

 private:
  struct Pair {
    int32_t numeric = 0, categorical = 0;
    int32_t words = 0;
    size_t bounds = 0;  // in bounds_: low [words + 1], then high [words + 1]
  };
  std::vector<Pair> pairs_;
  std::vector<float> bounds_;
};

}  // namespace roicast
