// Collects the cells of a column whose form is known.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/tables/column_form.h"
#include "base/tables/missing_spellings.h"
#include "model/data/packed_ints.h"
#include "model/data/packed_numbers.h"
#include "model/data/table.h"
#include "model/data/word_index.h"
#include "model/data/word_list.h"

namespace roicast {

struct ColumnBuilderOptions {
  ColumnForm form;
  // Of a column of numbers: it becomes categorical, in the file's spelling, if it has up to 65,536 spellings.
  bool words_if_few = false;
  // Of a column of numbers: it becomes categorical if no cell is a number and there are at most two words, but for
  // their case.
  bool words_if_two = false;
  // Of a column of words: these are words, though they mean "missing" elsewhere.
  std::vector<std::string> words;
};

// Memory: that of the column, eight bytes for each cell that does not match its form, and a few texts of these.
class ColumnBuilder {
 public:
  // missing must outlive the builder. rows: that will be added, so that no room is left over; need not be exact.
  ColumnBuilder(std::string name, ColumnBuilderOptions options, const MissingSpellings* missing, int64_t rows = 0);

  void Add(absl::string_view cell);

  // Of the cells, which grow with the rows, and of the words, which do not need to.
  size_t cells_bytes() const;
  size_t words_bytes() const { return words_.memory_bytes(); }

  // A cell that does not match its column's form. Of the first kMisfitTexts the text is known; later ones are empty.
  static constexpr size_t kMisfitTexts = 100;
  using OnMisfit = std::function<void(int64_t row, absl::string_view cell)>;
  // Call once. on_misfit is called in row order. Words that are equal as numbers, such as 1 and 1.0, become one word
  // where all words of the column are numbers (see VocabularyIndex).
  Column Finish(const OnMisfit& on_misfit);

 private:
  void AddWord(absl::string_view cell);
  void AddValue(absl::string_view cell);
  void AddMisfit(absl::string_view cell);
  // Too many spellings for words.
  void BecomeNumbers();
  void MergeEqualNumbers(WordList& dictionary);
  // If it can.
  void BecomeTwoWords();

  std::string name_;
  const ColumnBuilderOptions options_;
  const MissingSpellings* missing_;
  // Plain numbers such as -999 may mean "missing".
  bool numbers_can_be_missing_;
  FeatureKind kind_;
  int64_t rows_ = 0;

  // Categorical.
  PackedInts codes_;
  WordIndex words_;

  // Numeric and time.
  PackedNumbers numbers_;
  bool any_number_ = false;
  std::vector<int64_t> misfits_;  // rows
  std::vector<std::string> misfit_texts_;
  // If they may all be two words: of each misfit.
  PackedInts misfit_codes_;
  WordIndex misfit_words_;
};

// The kind of a column that is read in such a form.
FeatureKind KindOf(ColumnKind kind);
ColumnKind ColumnKindOf(FeatureKind kind);

}  // namespace roicast
