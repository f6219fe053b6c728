#include "base/tables/shape/row_filter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/one_line.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Of the rows whose meaning is open, more are decided without waiting.
constexpr size_t kMaxHeld = 64;
constexpr size_t kMaxHeldBytes = size_t{4} << 20;
// A row of totals may stand above the rows that it adds up, but not below more than these.
constexpr int64_t kEarlyRows = 2;
constexpr size_t kExcerptBytes = 80;
// Whoever is told about a column is told its name, often several times.
constexpr size_t kMaxNameBytes = 1024;
constexpr size_t kMaxLeftOutLines = 10;
constexpr size_t kMaxNotedLines = 5;
constexpr absl::string_view kReplacementCharacter = "\xEF\xBF\xBD";

constexpr absl::string_view kFooterWords[] = {"\xC2\xA9",
                                              "copyright",
                                              "(c) ",
                                              "all rights reserved",
                                              "report generated",
                                              "generated ",
                                              "report created",
                                              "created ",
                                              "exported ",
                                              "downloaded ",
                                              "source:",
                                              "quelle:",
                                              "erstellt ",
                                              "stand:",
                                              "note:",
                                              "notes:",
                                              "data as of",
                                              "disclaimer",
                                              "g\xC3\xA9n\xC3\xA9r\xC3\xA9 ",
                                              "fuente:",
                                              "fonte:",
                                              "* ",
                                              "end of report"};

bool LooksLikeFooter(absl::string_view cell) {
  if (cell.size() < 2) return false;
  const std::string lower = absl::AsciiStrToLower(cell.substr(0, 200));
  return std::any_of(std::begin(kFooterWords), std::end(kFooterWords), [&](absl::string_view word) {
    return absl::StartsWith(lower, word) || (word.size() > 8 && absl::StrContains(lower, word));
  });
}

}  // namespace

RowFilter::RowFilter(const TableShape& shape, bool keep_totals, Events events)
    : shape_(shape), keep_totals_(keep_totals), events_(std::move(events)), totals_(shape) {
  if (shape.has_header) return;
  header_taken_ = true;
  raw_header_.resize(shape.width);
  header_ = NamesFrom(raw_header_);
  width_ = shape.width;
  min_width_ = width_;
}

absl::Status RowFilter::OnRow(const TokenizedRow& row) {
  if (search_for_damage_) NoteDamage(row.line, row.raw);
  if (!header_taken_) return TakeHeader(row);
  if (row.cells.size() == width_) return TakeRow(row.line, row.cells, row.raw);
  return TakeOtherWidth(row);
}

absl::Status RowFilter::TakeHeader(const TokenizedRow& row) {
  header_taken_ = true;
  cells_.assign(row.cells.begin(), row.cells.end());
  std::vector<std::string> joined;
  if (!shape_.split_names.empty()) {
    joined = std::vector<std::string>(cells_.begin(), cells_.end());
    JoinCells(shape_.split_names, shape_.delimiter, &joined);
    cells_.assign(joined.begin(), joined.end());
  }
  if (shape_.row_numbers) cells_.insert(cells_.begin(), absl::string_view());
  size_t width = cells_.size();
  while (width > 1 && cells_[width - 1].empty()) --width;
  // A column without a name is one if the rows have something in it.
  width = std::max(width, std::min(shape_.width, cells_.size()));
  trailing_delimiter_ = width < cells_.size();
  width_ = width;
  min_width_ = std::min(shape_.min_width == 0 ? width : shape_.min_width, width);
  for (const absl::string_view cell : absl::MakeSpan(cells_).first(width)) raw_header_.emplace_back(cell);
  header_ = NamesFrom(raw_header_);
  ROICAST_RETURN_IF_ERROR(CheckNames(row.line));
  // Where the header was rather a row of data, others may be equal to it.
  may_repeat_header_ = width_ > 1 && !shape_.header_looks_like_data;
  if (may_repeat_header_) header_words_ = HeaderWords(raw_header_);
  return events_.on_header ? events_.on_header() : absl::OkStatus();
}

absl::Status RowFilter::CheckNames(int64_t line) const {
  for (size_t i = 0; i < header_.names.size(); ++i) {
    const size_t size = header_.names[i].size();
    if (size <= kMaxNameBytes) continue;
    return absl::InvalidArgumentError(absl::StrCat("line ", line, ", column ", i + 1, ": expected a name of at most ",
                                                   kMaxNameBytes, " bytes, got ", size,
                                                   ": is the header on another line (--header-line)?"));
  }
  return absl::OkStatus();
}

absl::Status RowFilter::TakeOtherWidth(const TokenizedRow& row) {
  const size_t count = row.cells.size();
  if (count > width_) {
    const auto extra = row.cells.subspan(width_);
    if (std::all_of(extra.begin(), extra.end(), [](absl::string_view cell) { return cell.empty(); })) {
      return TakeRow(row.line, row.cells.first(width_), WithoutTrailing(row.raw, count - width_));
    }
  } else if (count >= min_width_) {
    ++filled_up_;
    cells_.assign(row.cells.begin(), row.cells.end());
    cells_.resize(width_);
    raw_ = absl::StrCat(row.raw, std::string(width_ - count, shape_.delimiter));
    return TakeRow(row.line, cells_, raw_);
  }
  std::string message = absl::StrCat("expected ", width_, " cells, got ", count);
  if (count == 1 && absl::StartsWith(row.cells[0], "#")) {
    LeaveOut(row.line, 0, LeftOut::kComment, row.raw);
    return absl::OkStatus();
  }
  if (!keep_totals_ && count > 1 && totals_.Judge(row.cells) == TotalsFinder::Verdict::kTotals) {
    LeaveOut(row.line, 0, LeftOut::kTotals, row.raw);
    return absl::OkStatus();
  }
  // A single word is rather a row that was cut off.
  const bool sentence = count == 1 && (after_blank_ || absl::StrContains(row.cells[0], " "));
  if (count < width_ && (sentence || !footer_.empty() || LooksLikeFooter(row.cells[0]))) {
    if (IsFull(footer_)) ROICAST_RETURN_IF_ERROR(ReleaseHeld());
    Hold(row.line, row.cells, row.raw, false, std::move(message), &footer_);
    return absl::OkStatus();
  }
  LeaveOut(row.line, 0, LeftOut::kMalformed, row.raw, std::move(message));
  return absl::OkStatus();
}

absl::Status RowFilter::TakeRow(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw) {
  const bool after_blank = std::exchange(after_blank_, false);
  // One column: an empty cell is written as "", for which there is no other way.
  if (width_ > 1 && cells[0].empty() &&
      std::all_of(cells.begin(), cells.end(), [](absl::string_view cell) { return cell.empty(); })) {
    after_blank_ = true;
    LeaveOut(line, 0, LeftOut::kBlank, "");
    return absl::OkStatus();
  }
  if (may_repeat_header_ && header_words_.MayBegin(cells[0])) {
    ROICAST_ASSIGN_OR_RETURN(const bool repeated, header_words_.IsRepeatedIn(line, cells));
    if (repeated) {
      LeaveOut(line, 0, LeftOut::kRepeatedHeader, raw);
      return absl::OkStatus();
    }
  }
  if (MayBeFooter(cells) && (LooksLikeFooter(cells[0]) || (width_ > 2 && (after_blank || !footer_.empty())))) {
    if (IsFull(footer_)) ROICAST_RETURN_IF_ERROR(ReleaseHeld());
    Hold(line, cells, raw, true, "", &footer_);
    return absl::OkStatus();
  }
  if (!keep_totals_) {
    switch (totals_.Judge(cells)) {
      case TotalsFinder::Verdict::kNo:
        if (rows_ > 0 || !early_totals_.empty() || !totals_.MayBeNameless(cells)) break;
        Hold(line, cells, raw, true, "", &early_totals_);
        return absl::OkStatus();
      case TotalsFinder::Verdict::kTotalsIfLast:
        // After one that was held for the same reason, a second one shows that such rows are of the table.
        if (!footer_.empty()) ROICAST_RETURN_IF_ERROR(ReleaseHeld());
        Hold(line, cells, raw, true, "", &footer_);
        footer_.back().reason = LeftOut::kTotals;
        return absl::OkStatus();
      case TotalsFinder::Verdict::kTotals:
        LeaveOut(line, 0, LeftOut::kTotals, raw);
        totals_.BeginGroup();
        return absl::OkStatus();
      case TotalsFinder::Verdict::kUnclear:
        if (rows_ < kEarlyRows && !IsFull(early_totals_)) {
          Hold(line, cells, raw, true, "", &early_totals_);
          return absl::OkStatus();
        }
        if (unclear_totals_.size() < kMaxNotedLines) unclear_totals_.push_back(line);
        break;
    }
  }
  if (!footer_.empty()) ROICAST_RETURN_IF_ERROR(ReleaseHeld());
  return HandOver(line, cells, raw);
}

absl::Status RowFilter::HandOver(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw) {
  ++rows_;
  if (!keep_totals_) totals_.Add(line, cells, raw);
  return events_.on_row ? events_.on_row({line, cells, raw}) : absl::OkStatus();
}

absl::Status RowFilter::OnMalformed(const MalformedRow& row) {
  if (!header_taken_) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", row.line, ", column ", row.column, ": malformed header: ", row.message));
  }
  LeaveOut(row.line, row.column, LeftOut::kMalformed, row.raw, row.message);
  return absl::OkStatus();
}

absl::Status RowFilter::OnBlank(int64_t line) {
  after_blank_ = true;
  LeaveOut(line, 0, LeftOut::kBlank, "");
  return absl::OkStatus();
}

absl::Status RowFilter::Finish(bool whole) {
  if (!whole) return absl::OkStatus();
  for (const HeldRow& row : std::exchange(footer_, {})) LeaveOut(row.line, 0, row.reason, row.raw);
  for (const HeldRow& row : std::exchange(early_totals_, {})) {
    const std::vector<absl::string_view> cells(row.cells.begin(), row.cells.end());
    const TotalsFinder::Verdict verdict = totals_.Judge(cells);
    if (verdict == TotalsFinder::Verdict::kTotals || verdict == TotalsFinder::Verdict::kTotalsIfLast) {
      LeaveOut(row.line, 0, LeftOut::kTotals, row.raw);
      continue;
    }
    if (verdict == TotalsFinder::Verdict::kUnclear && unclear_totals_.size() < kMaxNotedLines)
      unclear_totals_.push_back(row.line);
    ROICAST_RETURN_IF_ERROR(HandOver(row.line, cells, row.raw));
  }
  return absl::OkStatus();
}

// More rows of the table follow, so these were no footer.
absl::Status RowFilter::ReleaseHeld() {
  for (const HeldRow& row : std::exchange(footer_, {})) {
    if (!row.complete) {
      LeaveOut(row.line, 0, LeftOut::kMalformed, row.raw, row.message);
      continue;
    }
    const std::vector<absl::string_view> cells(row.cells.begin(), row.cells.end());
    ROICAST_RETURN_IF_ERROR(HandOver(row.line, cells, row.raw));
  }
  return absl::OkStatus();
}

bool RowFilter::IsFull(const std::vector<HeldRow>& held) {
  size_t bytes = 0;
  for (const HeldRow& row : held) bytes += row.raw.size() + row.cells.size() * sizeof(std::string);
  return held.size() >= kMaxHeld || bytes >= kMaxHeldBytes;
}

void RowFilter::Hold(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw, bool complete,
                     std::string message, std::vector<HeldRow>* held) {
  held->push_back({line, {cells.begin(), cells.end()}, std::string(raw), complete, std::move(message)});
}

// Whether only the first cell has anything.
bool RowFilter::MayBeFooter(absl::Span<const absl::string_view> cells) const {
  if (width_ < 2 || !cells[1].empty()) return false;
  return !cells[0].empty() &&
         std::all_of(cells.begin() + 1, cells.end(), [](absl::string_view cell) { return cell.empty(); });
}

// The last `cells` cells of the row are empty: they have only blanks and quotes.
absl::string_view RowFilter::WithoutTrailing(absl::string_view raw, size_t cells) const {
  for (; cells > 0; --cells) {
    while (raw.back() != shape_.delimiter) raw.remove_suffix(1);
    raw.remove_suffix(1);
  }
  return raw;
}

void RowFilter::LeaveOut(int64_t line, int64_t column, LeftOut reason, absl::string_view text, std::string message) {
  auto count =
      std::find_if(left_out_.begin(), left_out_.end(), [&](const auto& each) { return each.reason == reason; });
  if (count == left_out_.end()) count = left_out_.insert(count, {reason, 0, {}, ""});
  const bool described = events_.on_left_out || count->rows == 0;
  LeftOutRow row{line, column, reason, described ? OneLine(text.substr(0, 4 * kExcerptBytes), kExcerptBytes) : "",
                 std::move(message)};
  if (count->rows++ == 0) {
    count->example = row.message.empty() ? row.text : absl::StrCat(row.text, ": ", row.message);
  }
  if (count->lines.size() < kMaxLeftOutLines) count->lines.push_back(line);
  if (events_.on_left_out) events_.on_left_out(row);
}

void RowFilter::NoteDamage(int64_t line, absl::string_view raw) {
  if (damaged_lines_.size() < kMaxNotedLines && absl::StrContains(raw, kReplacementCharacter)) {
    damaged_lines_.push_back(line);
  }
}

}  // namespace roicast
