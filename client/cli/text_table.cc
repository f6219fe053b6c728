#include "client/cli/text_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/printable.h"
#include "client/cli/display_width.h"

namespace roicast::client {
namespace {

constexpr size_t kGap = 2;
// What is left of a column that is cut.
constexpr size_t kCutWidth = 12;
constexpr size_t kLeastWidth = 4;

// Such as "-0.25", "1,234", "32.7 KiB" and "1 to 20"; neither times nor sentences.
bool LooksNumeric(const std::string& text) {
  if (text.empty()) return true;
  const size_t digit = text[0] == '-' ? 1 : 0;
  return digit < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digit])) &&
         text.find('-', 1) == std::string::npos && text.find(':') == std::string::npos &&
         std::count(text.begin(), text.end(), ' ') <= 2;
}

}  // namespace

// A width of 0: the column is not shown.
struct TextTable::Layout {
  std::vector<size_t> widths;
  std::vector<bool> numeric;

  size_t Total() const {
    size_t total = 0;
    for (const size_t width : widths) total += width == 0 ? 0 : width + kGap;
    return total - kGap;
  }
};

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) { ROICAST_CHECK(!columns_.empty()); }

void TextTable::AddRow(std::vector<Toned> cells) {
  ROICAST_CHECK(cells.size() == columns_.size());
  for (Toned& cell : cells) cell.text = Printable(cell.text);
  rows_.push_back(std::move(cells));
}

TextTable::Layout TextTable::Natural() const {
  Layout layout;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = std::max<size_t>(1, DisplayWidth(columns_[i].title));
    bool numeric = true;
    for (const std::vector<Toned>& row : rows_) {
      width = std::max(width, DisplayWidth(row[i].text));
      numeric = numeric && LooksNumeric(row[i].text);
    }
    layout.widths.push_back(width);
    layout.numeric.push_back(numeric);
  }
  return layout;
}

void TextTable::Narrow(size_t width, Layout* layout) const {
  std::vector<size_t>& widths = layout->widths;
  const std::vector<size_t> natural = widths;
  std::vector<size_t> least = widths;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (columns_[i].when_narrow != WhenNarrow::kCut) continue;
    least[i] = std::min(widths[i], std::max(kCutWidth, DisplayWidth(columns_[i].title)));
  }
  widths = least;
  for (size_t i = widths.size(); i-- > 1 && layout->Total() > width;) {
    if (columns_[i].when_narrow == WhenNarrow::kDrop) widths[i] = 0;
  }
  while (layout->Total() > width) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastWidth) return;
    --*widest;
  }
  // Room that is left goes back to the columns that were cut.
  for (bool grown = true; grown && layout->Total() < width;) {
    grown = false;
    for (size_t i = 0; i < widths.size() && layout->Total() < width; ++i) {
      if (widths[i] == 0 || widths[i] == natural[i]) continue;
      ++widths[i];
      grown = true;
    }
  }
}

std::string TextTable::NarrowedText(const Layout& natural, const Layout& layout) const {
  std::vector<std::string> dropped;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (layout.widths[i] == 0) dropped.push_back(columns_[i].title);
  }
  if (!dropped.empty()) return absl::StrCat("(--wide also shows: ", absl::StrJoin(dropped, ", "), ")");
  return layout.widths == natural.widths ? "" : "(--wide shows all of it)";
}

std::string TextTable::ToString(const Terminal& terminal, const std::string& indent) const {
  const Layout natural = Natural();
  Layout layout = natural;
  const size_t room = terminal.width - std::min(indent.size(), terminal.width - 1);
  if (layout.Total() > room) Narrow(room, &layout);
  std::string text;
  const auto append = [&](const auto& cell_of, bool heading) {
    std::string line = indent, gap;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (layout.widths[i] == 0) continue;
      const Toned& cell = cell_of(i);
      const std::string shown = CutToWidth(cell.text, layout.widths[i]);
      const std::string padding(layout.widths[i] - DisplayWidth(shown), ' ');
      const std::string painted = terminal.Paint(shown, heading ? Tone::kHeading : cell.tone);
      line += gap;
      // Blanks at the end of a line are left out.
      if (layout.numeric[i]) line += padding;
      line += painted;
      gap = layout.numeric[i] ? "" : padding;
      gap.append(kGap, ' ');
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  };
  append([&](size_t i) { return Toned(columns_[i].title); }, true);
  for (const std::vector<Toned>& row : rows_) {
    append([&](size_t i) { return row[i]; }, false);
  }
  const std::string narrowed = NarrowedText(natural, layout);
  if (!narrowed.empty()) {
    absl::StrAppend(&text, indent, terminal.Paint(CutToWidth(narrowed, room), Tone::kQuiet), "\n");
  }
  return text;
}

}  // namespace roicast::client
