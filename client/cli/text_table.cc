#include "client/cli/text_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/check.h"

namespace roicast::client {
namespace {

// Code points: continuation bytes of UTF-8 take no room.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool LooksNumeric(const std::string& text) {
  if (text.empty()) return true;
  const size_t digit = text[0] == '-' ? 1 : 0;
  return digit < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digit])) &&
         text.find('-', 1) == std::string::npos && text.find(':') == std::string::npos;
}

}  // namespace

TextTable::TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void TextTable::AddRow(std::vector<std::string> cells) {
  ROICAST_CHECK(cells.size() == rows_[0].size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::ToString(const std::string& indent) const {
  const size_t columns = rows_[0].size();
  std::vector<size_t> widths(columns, 0);
  std::vector<bool> numeric(columns, true);
  for (size_t r = 0; r < rows_.size(); ++r) {
    for (size_t i = 0; i < columns; ++i) {
      widths[i] = std::max(widths[i], Width(rows_[r][i]));
      if (r > 0 && !LooksNumeric(rows_[r][i])) numeric[i] = false;
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows_) {
    std::string line = indent;
    for (size_t i = 0; i < columns; ++i) {
      const std::string padding(widths[i] - Width(row[i]), ' ');
      line += i == 0 ? "" : "  ";
      line += numeric[i] ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace roicast::client
