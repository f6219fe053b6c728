// Finds words that are too rare to learn from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/data/data_warning.h"
#include "model/data/table.h"

namespace roicast {

// A warning is serious if a larger share of the training rows has a rare word.
inline constexpr double kSeriousRareShare = 0.2;

// The words of a categorical column that fewer than min_count training rows have, so that FitPreprocessor leaves them
// out of the vocabulary and counts them as "other". A spelling that the vocabulary's rule (VocabularyIndex) finds all
// the same, such as 1.0 for 1, is none of them.
struct RareWords {
  std::vector<std::string> words;  // most frequent first, then by name
  std::vector<int64_t> rows;       // of the training rows: those that have one, in their order
};
RareWords FindRareWords(const Column& column, absl::Span<const int64_t> training_rows, int min_count);

// rare: not empty. training_rows: how many there are. lines: of rare.rows, up to 5.
DataWarning RareWordsWarning(const std::string& column, const RareWords& rare, int64_t training_rows, int min_count,
                             std::vector<int64_t> lines);

}  // namespace roicast
