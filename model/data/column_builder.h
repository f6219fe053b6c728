// Collects the cells of a column whose form is known.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/tables/column_form.h"
#include "base/tables/missing_spellings.h"
#include "model/data/table.h"

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

// Memory: that of the column, and of the few cells that do not match its form.
class ColumnBuilder {
 public:
  // missing must outlive the builder.
  ColumnBuilder(std::string name, ColumnBuilderOptions options, const MissingSpellings* missing);

  void Add(absl::string_view cell);

  // A cell that does not match its column's form.
  using OnMisfit = std::function<void(int64_t row, absl::string_view cell)>;
  // Call once. on_misfit is called in row order. Words that are equal as numbers, such as 1 and 1.0, become one word
  // where all words of the column are numbers (see VocabularyIndex).
  Column Finish(const OnMisfit& on_misfit);

 private:
  struct Misfit {
    int64_t row;
    std::string cell;
  };

  void AddWord(absl::string_view cell);
  void AddValue(absl::string_view cell);
  // Too many spellings for words.
  void BecomeNumbers();
  void MergeEqualNumbers();
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
  std::vector<int32_t> codes_;
  std::vector<std::string> dictionary_;
  absl::flat_hash_map<std::string, int32_t> index_;

  // Numeric and time.
  std::vector<double> numbers_;
  std::vector<Misfit> misfits_;
};

// The kind of a column that is read in such a form.
FeatureKind KindOf(ColumnKind kind);
ColumnKind ColumnKindOf(FeatureKind kind);

}  // namespace roicast
