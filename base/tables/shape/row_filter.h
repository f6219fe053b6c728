// Between the tokenizer and a reader's callbacks: takes the header, and leaves out what is no row of the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/tables/shape/header_names.h"
#include "base/tables/shape/header_words.h"
#include "base/tables/shape/table_shape.h"
#include "base/tables/shape/totals.h"
#include "base/tables/table_row.h"
#include "base/tables/tokenizer.h"

namespace roicast {

// Not thread-safe.
class RowFilter : public Tokenizer::Sink {
 public:
  // Each is optional. An error stops reading.
  struct Events {
    std::function<absl::Status()> on_header;
    std::function<absl::Status(const TableRow&)> on_row;
    std::function<void(const LeftOutRow&)> on_left_out;
  };

  RowFilter(const TableShape& shape, bool keep_totals, Events events);

  absl::Status OnRow(const TokenizedRow& row) override;
  absl::Status OnMalformed(const MalformedRow& row) override;
  absl::Status OnBlank(int64_t line) override;
  // Decides what could not be decided before the end of the table. whole: whether it was read to its end.
  absl::Status Finish(bool whole);

  void LeaveOut(int64_t line, int64_t column, LeftOut reason, absl::string_view text, std::string message = "");

  // Empty before the header.
  const HeaderNames& header() const { return header_; }
  const std::vector<std::string>& raw_header() const { return raw_header_; }
  bool trailing_delimiter() const { return trailing_delimiter_; }
  int64_t rows() const { return rows_; }
  // Rows with fewer cells than the header that were filled up.
  int64_t filled_up() const { return filled_up_; }
  // Lines of rows that look like totals but were kept, the first 5.
  const std::vector<int64_t>& unclear_totals() const { return unclear_totals_; }
  // Rows that were kept though they add up to the others, and those with a word for totals behind the first cell.
  TotalsFinder::KeptRows likely_subtotals() const { return totals_.LikelySubtotals(); }
  const TotalsFinder::KeptRows& unproven_totals() const { return totals_.unproven(); }
  // Lines with damaged characters, the first 5.
  const std::vector<int64_t>& damaged_lines() const { return damaged_lines_; }
  // In the order in which they first occur.
  const std::vector<LeftOutCount>& left_out() const { return left_out_; }

  // From here on, rows are searched for damaged characters.
  void SearchForDamage() { search_for_damage_ = true; }

 private:
  // A row whose meaning depends on what follows.
  struct HeldRow {
    int64_t line;
    std::vector<std::string> cells;
    std::string raw;
    bool complete;
    std::string message;
    // What it is if no row of the table follows.
    LeftOut reason = LeftOut::kFooter;
  };

  absl::Status TakeHeader(const TokenizedRow& row);
  absl::Status CheckNames(int64_t line) const;
  absl::Status TakeRow(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw);
  absl::Status TakeOtherWidth(const TokenizedRow& row);
  absl::Status HandOver(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw);
  absl::Status GiveHeld(const HeldRow& row);
  absl::Status ReleaseHeld();
  void Hold(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw, bool complete,
            std::string message, std::vector<HeldRow>* held);
  static bool IsFull(const std::vector<HeldRow>& held);
  bool MayBeFooter(absl::Span<const absl::string_view> cells) const;
  absl::string_view WithoutTrailing(absl::string_view raw, size_t cells) const;
  void NoteDamage(int64_t line, absl::string_view raw);

  const TableShape shape_;
  const bool keep_totals_;
  const Events events_;
  TotalsFinder totals_;

  bool header_taken_ = false;
  HeaderNames header_;
  std::vector<std::string> raw_header_;
  bool may_repeat_header_ = false;
  HeaderWords header_words_;
  size_t width_ = 0;
  size_t min_width_ = 0;
  bool trailing_delimiter_ = false;

  int64_t rows_ = 0;
  int64_t filled_up_ = 0;
  // Whether the row before was a line without text or a row without values.
  bool after_blank_ = false;
  // Rows that are a footer or totals if no more rows of the table follow.
  std::vector<HeldRow> footer_;
  // Rows before the first ordinary one that are totals if they agree with what follows.
  std::vector<HeldRow> early_totals_;
  std::vector<int64_t> unclear_totals_;
  std::vector<LeftOutCount> left_out_;
  bool search_for_damage_ = false;
  std::vector<int64_t> damaged_lines_;
  std::vector<absl::string_view> cells_;
  std::string raw_;
};

}  // namespace roicast
