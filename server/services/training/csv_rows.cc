#include "server/services/training/csv_rows.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr size_t kClaimStep = size_t{64} << 10;
// A string grows to twice its size.
constexpr size_t kGrowth = 2;
// Bytes of work between two questions whether to stop, and what a cell costs beside its own.
constexpr size_t kWorkBetweenStops = size_t{64} << 10;
constexpr size_t kCellWork = 16;
// More than a number, a delimiter or two quotes take.
constexpr size_t kShortCellBytes = 64;

absl::Status TooLong(absl::string_view what, size_t limit, size_t got) {
  return absl::InvalidArgumentError(absl::StrCat("expected a ", what, " of at most ", limit, " bytes, got ", got));
}

}  // namespace

absl::Status AppendOrStop(absl::string_view bytes, const StopCheck& stop, DatasetWriter& out) {
  while (!bytes.empty()) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    ROICAST_RETURN_IF_ERROR(out.Append(bytes.substr(0, kPieceBytes)));
    bytes.remove_prefix(std::min(bytes.size(), kPieceBytes));
  }
  return absl::OkStatus();
}

CsvRows::CsvRows(DatasetWriter* out, MemoryBudget* memory, const StopCheck* stop)
    : out_(*out), stop_(*stop), rare_stop_(stop, kWorkBetweenStops), memory_(memory->EmptyClaim(MemoryUse::kUploads)) {}

absl::Status CsvRows::BeginCell(size_t bytes) {
  if (bytes > limits_.max_cell_bytes) return TooLong("cell", limits_.max_cell_bytes, bytes);
  // Each of its bytes may be a quote, which is doubled; the row is in the text once more when it ends.
  const size_t row = csv_.row_bytes() + 2 * bytes + kShortCellBytes;
  const uint64_t held = kGrowth * (text_.size() + 2 * row);
  if (held <= memory_.bytes()) return absl::OkStatus();
  const absl::Status claimed = memory_.SetTo((held + kClaimStep - 1) / kClaimStep * kClaimStep);
  return claimed.ok() ? claimed : MemoryShort(claimed);
}

absl::Status CsvRows::EndCell() {
  const size_t row = csv_.row_bytes();
  const size_t cell = row - cell_begin_;
  if (cell > limits_.max_cell_bytes) return TooLong("cell with its quotes", limits_.max_cell_bytes, cell);
  if (row > limits_.max_row_bytes) return TooLong("row", limits_.max_row_bytes, row);
  cell_begin_ = row + 1;
  return rare_stop_.Done(cell + kCellWork);
}

absl::Status CsvRows::Text(absl::string_view cell) {
  ROICAST_RETURN_IF_ERROR(BeginCell(cell.size()));
  csv_.Text(cell);
  return EndCell();
}

absl::Status CsvRows::Number(double value) {
  ROICAST_RETURN_IF_ERROR(BeginCell(0));
  csv_.Number(value);
  return EndCell();
}

absl::Status CsvRows::Number(float value) {
  ROICAST_RETURN_IF_ERROR(BeginCell(0));
  csv_.Number(value);
  return EndCell();
}

absl::Status CsvRows::Missing() {
  ROICAST_RETURN_IF_ERROR(BeginCell(0));
  csv_.Missing();
  return EndCell();
}

absl::Status CsvRows::EndRow() {
  csv_.EndRow();
  cell_begin_ = 0;
  return text_.size() < kPieceBytes ? absl::OkStatus() : Flush();
}

absl::Status CsvRows::Flush() {
  ROICAST_RETURN_IF_ERROR(AppendOrStop(text_, stop_, out_));
  text_.clear();
  return absl::OkStatus();
}

}  // namespace roicast
