// Columns of cells, and how they are read, for the tests of DecideColumns.
#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/tables/column_evidence.h"

namespace roicast::testing {

using Cells = std::vector<std::string>;

// The columns of a table, the first row of which stands in line 2.
class Columns {
 public:
  Columns& Add(std::string name, Cells cells) {
    names_.push_back(std::move(name));
    cells_.push_back(std::move(cells));
    return *this;
  }
  Columns& Delimiter(char delimiter) {
    file_.delimiter = delimiter;
    return *this;
  }
  Columns& With(ColumnOptions column) {
    options_.columns.push_back(std::move(column));
    return *this;
  }
  Columns& Missing(std::vector<std::string> spellings) {
    options_.missing = MissingSpellings(spellings);
    return *this;
  }

  std::vector<ColumnReading> Decide() const {
    std::vector<ColumnEvidence> evidence;
    for (const Cells& cells : cells_) {
      evidence.emplace_back(&options_.missing);
      int64_t line = 2;
      for (const std::string& cell : cells) evidence.back().Add(cell, line++);
    }
    return *DecideColumns(evidence, names_, file_, options_);
  }

 private:
  std::vector<std::string> names_;
  std::vector<Cells> cells_;
  FileForm file_;
  TableOptions options_;
};

inline ColumnReading Decide(Cells cells) { return Columns().Add("c", std::move(cells)).Decide()[0]; }

inline Cells Repeat(const std::string& cell, int count) { return Cells(static_cast<size_t>(count), cell); }

inline Cells operator+(Cells a, const Cells& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// 10.37, 20.37 …
inline Cells Amounts(int count) {
  Cells cells;
  for (int i = 1; i <= count; ++i) cells.push_back(absl::StrCat(i * 10, ".37"));
  return cells;
}

inline auto Note(bool warning, const std::string& text) {
  return ::testing::AllOf(::testing::Field(&TableNote::warning, warning),
                          ::testing::Field(&TableNote::message, ::testing::HasSubstr(text)));
}
inline auto Flags(const std::string& flag) { return ::testing::Field(&TableNote::flags, ::testing::Contains(flag)); }

inline NumberForm Form(char mark, Grouping grouping) {
  NumberForm form;
  form.decimal_mark = mark;
  form.grouping = grouping;
  return form;
}

}  // namespace roicast::testing
