#include "base/tables/table_detection.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;
// A few milliseconds.
constexpr size_t kBytesBetweenStops = size_t{256} << 10;
// Cells for which memory is claimed at once, unless a few rows have more of them.
constexpr size_t kCellsClaimed = 1024;
constexpr size_t kRowsClaimed = 8;
// The first plain numbers of a column.
constexpr size_t kBytesOfPlainNumbers = 1024;

class Detector {
 public:
  explicit Detector(const TableOptions& options)
      : options_(options),
        claim_(options.memory->EmptyClaim(MemoryUse::kTables)),
        stop_(&options.stop, kBytesBetweenStops),
        reader_(options.file,
                {[this](const FileForm&, const std::vector<std::string>& names) { return Begin(names.size()); },
                 [this](const TableRow& row) -> absl::Status {
                   ROICAST_RETURN_IF_ERROR(Add(row));
                   return stop_.Done(row.raw.size());
                 },
                 nullptr},
                options.memory) {}

  TableReader& reader() { return reader_; }

  absl::StatusOr<TableReading> Decide() {
    // What is decided repeats much of what was collected.
    ROICAST_RETURN_IF_ERROR(Claim(2 * EvidenceBytes()));
    TableReading reading;
    reading.file = reader_.form();
    reading.names = reader_.header();
    ROICAST_ASSIGN_OR_RETURN(reading.columns, DecideColumns(evidence_, reading.names, reading.file, options_));
    reading.left_out = reader_.left_out();
    reading.rows = reader_.rows();
    reading.missing_values = options_.missing.given();
    reading.notes = reader_.notes();
    AddUnitsRow(&reading);
    return reading;
  }

 private:
  absl::Status Begin(size_t columns) {
    ROICAST_RETURN_IF_ERROR(Claim(columns * (sizeof(ColumnEvidence) + kBytesOfPlainNumbers)));
    evidence_.reserve(columns);
    for (size_t i = 0; i < columns; ++i) evidence_.emplace_back(&options_.missing);
    return absl::OkStatus();
  }

  absl::Status Add(const TableRow& row) {
    if (first_line_ == 0) first_line_ = row.line;
    if (cells_claimed_ < row.cells.size()) ROICAST_RETURN_IF_ERROR(ClaimCells());
    for (size_t i = 0; i < row.cells.size(); ++i) {
      cells_claimed_ -= evidence_[i].Add(row.cells[i], row.line) ? 1 : 0;
    }
    return absl::OkStatus();
  }

  // So rarely that the sum costs little.
  absl::Status ClaimCells() {
    cells_claimed_ = std::max(kCellsClaimed, kRowsClaimed * evidence_.size());
    return Claim(EvidenceBytes() + evidence_.size() * kBytesOfPlainNumbers +
                 cells_claimed_ * ColumnEvidence::kBytesPerCell);
  }

  size_t EvidenceBytes() const {
    size_t bytes = 0;
    for (const ColumnEvidence& column : evidence_) bytes += column.memory_bytes();
    return bytes;
  }

  absl::Status Claim(size_t wanted) {
    const absl::Status claimed = claim_.SetTo(wanted);
    if (claimed.ok()) return claimed;
    return absl::ResourceExhaustedError(absl::StrCat("the table: to find out how its columns are written takes ",
                                                     BytesText(wanted), " of memory; ", claimed.message()));
  }

  // A second row of headings, such as units, is no value of the columns of numbers that it stands in.
  void AddUnitsRow(TableReading* reading) const {
    int64_t numbers = 0;
    std::string example;
    int64_t unread = 0;
    for (const ColumnReading& column : reading->columns) {
      if (column.form.kind == ColumnKind::kWords) continue;
      ++numbers;
      if (column.unread_examples.empty() || column.unread_examples[0].first != first_line_) continue;
      ++unread;
      if (example.empty()) example = column.unread_examples[0].second;
    }
    if (unread < 2 || unread * 2 < numbers) return;
    reading->notes.push_back(
        {true,
         "",
         {first_line_},
         absl::StrCat(
             "the first row has words such as \"", example,
             "\" in columns of numbers: it looks like a second line of the header; those cells count as missing"),
         {absl::StrCat("--header-line ", first_line_)}});
  }

  const TableOptions& options_;
  std::vector<ColumnEvidence> evidence_;
  MemoryClaim claim_;
  // Of the claim, cells that are still to come.
  size_t cells_claimed_ = 0;
  int64_t first_line_ = 0;
  RareStopCheck stop_;
  TableReader reader_;
};

absl::StatusOr<TableReading> DetectOnce(ByteSource& source, const TableOptions& options,
                                        std::optional<FileOptions>* better) {
  Detector detector(options);
  const auto buffer = std::make_unique_for_overwrite<char[]>(kPieceBytes);
  absl::Status status;
  while (status.ok()) {
    ROICAST_ASSIGN_OR_RETURN(const size_t size, source.Read(buffer.get(), kPieceBytes));
    if (size == 0) break;
    ROICAST_RETURN_IF_ERROR(CheckStop(options.stop));
    status = detector.reader().Feed(absl::string_view(buffer.get(), size));
  }
  if (status.ok()) status = detector.reader().Finish();
  *better = detector.reader().better();
  if (!status.ok()) return status;
  return detector.Decide();
}

}  // namespace

absl::StatusOr<TableReading> DetectTable(ByteSource& source, const TableOptions& options) {
  std::optional<FileOptions> better;
  absl::StatusOr<TableReading> reading = DetectOnce(source, options, &better);
  if (reading.ok() || !better.has_value() || !source.Rewind().ok()) return reading;
  TableOptions again = options;
  again.file = *better;
  reading = DetectOnce(source, again, &better);
  if (reading.ok()) {
    reading->notes.insert(
        reading->notes.begin(),
        {false, "", {}, "the text is not UTF-8, though it begins so; it was read as Windows-1252", {}});
  }
  return reading;
}

absl::StatusOr<TableReading> DetectSample(absl::string_view bytes, bool more, const TableOptions& options) {
  Detector detector(options);
  ROICAST_RETURN_IF_ERROR(detector.reader().Feed(bytes));
  ROICAST_RETURN_IF_ERROR(more ? detector.reader().FinishSample() : detector.reader().Finish());
  return detector.Decide();
}

TableOptions OptionsFrom(const TableReading& reading, const TableOptions& original) {
  TableOptions options = original;
  if (original.missing.given().empty()) options.missing = MissingSpellings(reading.missing_values);
  const FileOptions& file = original.file;
  options.file = FileOptions::From(reading.file);
  options.file.keep_totals = file.keep_totals;
  options.file.max_cell_bytes = file.max_cell_bytes;
  options.file.max_columns = file.max_columns;
  options.file.max_row_bytes = file.max_row_bytes;
  options.columns.clear();
  for (size_t i = 0; i < reading.columns.size(); ++i) {
    const ColumnForm& form = reading.columns[i].form;
    ColumnOptions column;
    column.name = reading.names[i];
    column.kind = form.kind;
    if (form.kind == ColumnKind::kNumber) {
      column.decimal_mark = form.number.decimal_mark;
      column.scale = form.number.scale;
    }
    if (form.kind == ColumnKind::kTime) column.time = form.time;
    options.columns.push_back(std::move(column));
  }
  return options;
}

}  // namespace roicast
