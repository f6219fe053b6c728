// Rows of a table as a reader gives them, and what it leaves out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// Valid only during the callback.
struct TableRow {
  // On which it begins, from 1.
  int64_t line;
  // UTF-8; unquoted, without the blanks around unquoted cells. As many as the header has.
  absl::Span<const absl::string_view> cells;
  // The row as it stands in the file, decoded to UTF-8, without its line end; delimiters at its end are cut or added so
  // that it has as many cells as the header.
  absl::string_view raw;
};

enum class LeftOut { kTitle, kBlank, kTotals, kFooter, kRepeatedHeader, kMalformed, kComment };

struct LeftOutRow {
  int64_t line;
  // From 1; 0: the whole row.
  int64_t column;
  LeftOut reason;
  // How it begins, on one line.
  std::string text;
  // For kMalformed, what was expected and what came; else empty.
  std::string message;
};

// All rows that were left out for one reason.
struct LeftOutCount {
  LeftOut reason;
  int64_t rows = 0;
  // The first 10.
  std::vector<int64_t> lines;
  // The first one: LeftOutRow::text, and its message if it has one.
  std::string example;

  friend bool operator==(const LeftOutCount&, const LeftOutCount&) = default;
};

// As JSON and protos write them: "title", "blank", "totals", "footer", "repeated header", "malformed", "comment".
absl::string_view LeftOutName(LeftOut reason);

}  // namespace roicast
