#include "base/csv/csv_writer.h"

#include <charconv>
#include <cmath>

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

}  // namespace

CsvWriter::CsvWriter(std::string* out, char delimiter) : out_(out), delimiter_(delimiter) {}

void CsvWriter::Separate() {
  if (cells_++ == 0) {
    row_begin_ = out_->size();
  } else {
    out_->push_back(delimiter_);
  }
}

void CsvWriter::Text(absl::string_view cell) {
  Separate();
  if (!NeedsQuotes(cell, delimiter_)) {
    out_->append(cell.data(), cell.size());
    return;
  }
  out_->push_back('"');
  for (const char c : cell) {
    if (c == '"') out_->push_back('"');
    out_->push_back(c);
  }
  out_->push_back('"');
}

void CsvWriter::Number(double value) {
  Separate();
  if (!std::isnan(value)) AppendNumber(value, out_);
}

void CsvWriter::Number(float value) {
  Separate();
  if (!std::isnan(value)) AppendNumber(value, out_);
}

void CsvWriter::Integer(int64_t value) {
  Separate();
  AppendNumber(value, out_);
}

void CsvWriter::Missing() { Separate(); }

void CsvWriter::EndRow() {
  // A row of one empty cell must differ from a blank line, which readers skip.
  if (cells_ == 1 && out_->size() == row_begin_) out_->append("\"\"");
  out_->push_back('\n');
  cells_ = 0;
}

}  // namespace roicast
