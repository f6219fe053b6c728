// Finds words that the vocabulary of a column leaves out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/data/data_warning.h"
#include "model/data/table.h"
#include "model/features/preprocessor.h"

namespace roicast {

// A warning is serious if a larger share of the training rows has such a word.
inline constexpr double kSeriousLeftOutShare = 0.2;

// The words of training rows that FitPreprocessor leaves out of a categorical column's vocabulary and counts as
// "other": those that fewer than min_category_count rows have, and the rarest ones beyond max_vocabulary. A spelling
// that the vocabulary's rule (VocabularyIndex) finds all the same, such as 1.0 for 1, is none of them.
struct LeftOutWords {
  std::vector<std::string> words;  // most frequent first, then by name
  std::vector<int64_t> rows;       // of the training rows: those that have one, in their order
};
struct WordsOutsideVocabulary {
  LeftOutWords rare;
  LeftOutWords beyond;  // frequent enough, but beyond max_vocabulary
};
WordsOutsideVocabulary FindWordsOutsideVocabulary(const Column& column, absl::Span<const int64_t> training_rows,
                                                  const PreprocessingOptions& options);

// words: not empty. training_rows: how many there are. lines: of words.rows, up to 5.
DataWarning RareWordsWarning(const std::string& column, const LeftOutWords& rare, int64_t training_rows, int min_count,
                             std::vector<int64_t> lines);
DataWarning VocabularyWarning(const std::string& column, const LeftOutWords& beyond, int64_t training_rows,
                              int max_vocabulary, std::vector<int64_t> lines);

}  // namespace roicast
