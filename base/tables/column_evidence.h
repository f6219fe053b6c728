// Collects what the cells of a column look like, and decides how the columns of a table are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/tables/cell_text.h"
#include "base/tables/column_form.h"
#include "base/tables/columns/column_facts.h"
#include "base/tables/file_form.h"
#include "base/tables/missing_spellings.h"
#include "base/tables/note.h"
#include "base/tables/table_options.h"

namespace roicast {

// Of one column. Bounded memory, whatever the number of cells. Not thread-safe.
class ColumnEvidence {
 public:
  // `missing` must outlive this.
  explicit ColumnEvidence(const MissingSpellings* missing);

  // About what one cell adds to memory_bytes() at most.
  static constexpr size_t kBytesPerCell = 512;

  // A cell in UTF-8, and the line on which its row begins. Whether it may have added to memory_bytes(): plain numbers
  // do not, but for the first few.
  bool Add(absl::string_view cell, int64_t line) {
    if (facts_.block_starts.open()) facts_.block_starts.Add(TrimCell(cell));
    if (AddPlainNumber(cell, line)) return false;
    if (!AddIsoTime(cell, line)) AddOther(cell, line);
    return true;
  }

  const ColumnFacts& facts() const { return facts_; }
  const WordsBefore& words_before() const;
  // With that of the object itself. Takes some 100 ns.
  size_t memory_bytes() const;

 private:
  // Numbers such as 12, -0.5 and 1326 whose look needs no second thought; false for all other cells.
  bool AddPlainNumber(absl::string_view cell, int64_t line);
  // Times such as 2024-05-17T10:15:00Z; false for all other cells.
  bool AddIsoTime(absl::string_view cell, int64_t line);
  void AddOther(absl::string_view cell, int64_t line);
  void AddWordBeforeNumber(absl::string_view cell, int64_t line, const struct NumberSpelling& spelling);
  void AddTime(absl::string_view cell, int64_t line, TimeFormatSet formats);
  void AddZone(absl::string_view cell, int64_t line, const Zone& zone);
  void AddWord(absl::string_view cell, int64_t line);
  void AddExample(absl::string_view cell);
  // Whether so many cells were words that the others are no longer looked at.
  bool PlainlyWords() const;

  const MissingSpellings* missing_;
  // Whether a plain number or an ISO time cannot be missing.
  bool fast_;
  ColumnFacts facts_;
  // Few columns have any, and they are as much as all other facts.
  std::unique_ptr<WordsBefore> words_before_;
};

// How a column is read, and what a person should know about it.
struct ColumnReading {
  ColumnForm form;
  // Cells; present + missing is all of them. In a column of numbers or times, `missing` has the bounds ("< 10%") as
  // well; unread cells are present.
  int64_t present = 0;
  int64_t missing = 0;
  // Of the present cells, those that the form cannot read: they count as missing. 0 for words.
  int64_t unread = 0;
  // Line and cell, the first 5.
  std::vector<std::pair<int64_t, std::string>> unread_examples;
  // The first three different cells.
  std::vector<std::string> examples;
  // The cells allow another reading of the numbers or of the dates; a note says which one was taken.
  bool ambiguous = false;
  // Of ambiguous numbers: whether something certain speaks for the reading that was taken, such as other columns of the
  // file; or what is a guess, such as a semicolon for a delimiter; or nothing.
  enum class Evidence { kNone, kWeak, kCertain };
  Evidence evidence = Evidence::kNone;
  // Of ambiguous numbers: some of the cells that are read in two ways.
  std::vector<std::string> ambiguous_examples;
  // Whole numbers begin with 0.
  bool leading_zeros = false;
  // Of the whole part of the longest number.
  int max_digits = 0;
  // In the order of their first cells.
  std::vector<std::string> currencies;
  int64_t percent_cells = 0;
  // Words such as "NA" and "None" that are words here and mean missing elsewhere.
  std::vector<std::string> frequent_missing_words;
  std::vector<TableNote> notes;
};

// All columns of a file together, because where a column alone shows nothing (1.326) the others and the delimiter
// decide. evidence.size() == names.size(). One reading a column. Errors: those of options.stop.
absl::StatusOr<std::vector<ColumnReading>> DecideColumns(absl::Span<const ColumnEvidence> evidence,
                                                         absl::Span<const std::string> names, const FileForm& file,
                                                         const TableOptions& options);

}  // namespace roicast
