// Words of a column to their codes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/tables/missing_spellings.h"

namespace roicast {

// One rule for training, scoring and requests. After CellText:
//   1. a word of the vocabulary is that word, also where it means "no value" elsewhere, such as NA;
//   2. else a missing spelling is missing;
//   3. else, where all words of the vocabulary are numbers of up to 15 characters and none has leading zeros, numbers
//   are
//      compared as numbers, so that 1 and 1.0 are one word;
//   4. else it is unseen.
// Immutable; const methods are safe to call concurrently.
class VocabularyIndex {
 public:
  static constexpr int kMissing = -1;
  static constexpr int kUnseen = -2;

  // A word's code is its position. Of equal words the first one counts.
  explicit VocabularyIndex(std::vector<std::string> words, MissingSpellings missing = MissingSpellings());

  // The code, kMissing or kUnseen. An empty cell is missing.
  int Find(absl::string_view cell) const;
  // For "did you mean": the nearest word of the vocabulary, empty if none is near. Linear in the vocabulary.
  std::string Nearest(absl::string_view cell) const;

  const std::vector<std::string>& words() const { return words_; }
  // Whether rule 3 takes it for a number.
  static bool IsNumber(absl::string_view word);
  // Whether rule 3 holds.
  bool numeric() const { return !numbers_.empty(); }

 private:
  std::vector<std::string> words_;
  MissingSpellings missing_;
  absl::flat_hash_map<std::string, int> codes_;
  absl::flat_hash_map<double, int> numbers_;
};

}  // namespace roicast
