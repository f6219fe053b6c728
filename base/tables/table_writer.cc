#include "base/tables/table_writer.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/tables/bytes/text_encoding.h"

namespace roicast {
namespace {

template <typename T>
void AppendNumber(T value, std::string* out) {
  char buffer[32];
  const std::to_chars_result result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out->append(buffer, result.ptr);
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool NeedsQuotes(absl::string_view cell, char delimiter) {
  if (cell.empty()) return false;
  // Readers trim unquoted ones.
  if (IsBlank(cell.front()) || IsBlank(cell.back())) return true;
  for (const char c : cell) {
    if (c == delimiter || c == '"' || c == '\n' || c == '\r') return true;
  }
  return false;
}

absl::string_view LineEndText(LineEnd line_end) {
  switch (line_end) {
    case LineEnd::kLf:
      return "\n";
    case LineEnd::kCrLf:
      return "\r\n";
    case LineEnd::kCr:
      return "\r";
  }
  return "\n";
}

}  // namespace

TableWriter::TableWriter(std::string* out, char delimiter)
    : out_(out), delimiter_(delimiter), line_end_(LineEnd::kLf) {}

TableWriter::TableWriter(std::string* out, const FileForm& form)
    : out_(out), delimiter_(form.delimiter), line_end_(form.line_end), encoding_(form.encoding) {
  if (form.byte_order_mark) absl::StrAppend(out_, ByteOrderMark(encoding_));
  if (!form.separator_line) return;
  row_ = absl::StrCat("sep=", absl::string_view(&delimiter_, 1));
  cells_ = 1;
  EndRow();
}

void TableWriter::Separate() {
  if (cells_++ > 0) row_.push_back(delimiter_);
}

void TableWriter::Text(absl::string_view cell) {
  Separate();
  if (!NeedsQuotes(cell, delimiter_)) {
    row_.append(cell.data(), cell.size());
    return;
  }
  row_.push_back('"');
  for (const char c : cell) {
    if (c == '"') row_.push_back('"');
    row_.push_back(c);
  }
  row_.push_back('"');
}

void TableWriter::Number(double value) {
  Separate();
  if (!std::isnan(value)) AppendNumber(value, &row_);
}

void TableWriter::Number(float value) {
  Separate();
  if (!std::isnan(value)) AppendNumber(value, &row_);
}

void TableWriter::Integer(int64_t value) {
  Separate();
  AppendNumber(value, &row_);
}

void TableWriter::Missing() { Separate(); }

void TableWriter::Raw(absl::string_view cells) {
  Separate();
  row_.append(cells.data(), cells.size());
}

void TableWriter::EndRow() {
  // A row of one empty cell must differ from a blank line, which readers skip.
  if (cells_ == 1 && row_.empty()) row_ = "\"\"";
  const absl::string_view end = LineEndText(line_end_);
  row_.append(end.data(), end.size());
  unencodable_ += AppendEncoded(row_, encoding_, out_);
  row_.clear();
  cells_ = 0;
}

}  // namespace roicast
