#include "model/data/csv_table.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/csv/csv_reader.h"
#include "base/csv/csv_values.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "model/data/column_builder.h"
#include "model/data/meaning/identifier_names.h"

namespace roicast {
namespace {

constexpr size_t kMostExamples = 5;

// The start of a cell, short enough for a message.
std::string Shown(absl::string_view cell) {
  constexpr size_t kMost = 40;
  if (cell.size() <= kMost) return std::string(cell);
  return absl::StrCat(Utf8Start(cell, kMost), "…");
}

absl::string_view ExpectedValue(FeatureKind kind) {
  return kind == FeatureKind::kTime ? "a date or time such as 2024-05-31 or 2024-05-31T12:00:00Z" : "a number";
}

// Builds a CsvTable from bytes.
class TableReader {
 public:
  explicit TableReader(const CsvTableOptions& options)
      : options_(options),
        missing_(options.missing_values),
        reader_(
            ReaderOptions(options), [this](const CsvRow& row) { return AddRow(row); },
            [this](const CsvMalformedRow& row) { return AddMalformedRow(row); }) {}

  absl::Status Feed(absl::string_view bytes) { return reader_.Feed(bytes); }

  absl::StatusOr<CsvTable> Finish() {
    ROICAST_RETURN_IF_ERROR(reader_.Finish());
    if (builders_.empty()) StartColumns();
    for (size_t i = 0; i < builders_.size(); ++i) ROICAST_RETURN_IF_ERROR(FinishColumn(static_cast<int>(i)));
    std::stable_sort(issues_.begin(), issues_.end(), [](const CsvIssue& a, const CsvIssue& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    if (issues_.size() > static_cast<size_t>(kMaxCsvIssues)) issues_.resize(kMaxCsvIssues);
    result_.issues = std::move(issues_);
    return std::move(result_);
  }

 private:
  static CsvReaderOptions ReaderOptions(const CsvTableOptions& options) {
    CsvReaderOptions reader_options;
    reader_options.delimiter = options.delimiter;
    reader_options.has_header = options.header;
    return reader_options;
  }

  void StartColumns() {
    for (const std::string& name : reader_.header()) {
      std::optional<FeatureKind> kind;
      for (const auto& [known, known_kind] : options_.kinds) {
        if (known == name) kind = known_kind;
      }
      if (!kind.has_value() && IsNamedLikeIdentifier(name)) kind = FeatureKind::kCategorical;
      builders_.emplace_back(name, kind, &missing_);
    }
  }

  absl::Status CountRow(int64_t line) {
    if (++result_.rows_in <= options_.max_rows) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("line ", line, ": expected at most ", options_.max_rows, " rows, got more"));
  }

  absl::Status AddRow(const CsvRow& row) {
    ROICAST_RETURN_IF_ERROR(CountRow(row.line));
    if (builders_.empty()) StartColumns();
    if (row.cells.size() != builders_.size()) {
      AddMalformed(row.line, 0, absl::StrCat("expected ", builders_.size(), " cells, got ", row.cells.size()));
      return absl::OkStatus();
    }
    if (result_.lines.empty() || row.line != result_.lines.back().line + rows_ - result_.lines.back().row) {
      result_.lines.push_back({rows_, row.line});
    }
    for (size_t i = 0; i < builders_.size(); ++i) {
      const absl::string_view cell = row.cells[i];
      const size_t valid = ValidUtf8Prefix(cell);
      if (valid < cell.size()) AddNotUtf8(row.line, i, static_cast<unsigned char>(cell[valid]));
      builders_[i].Add(valid < cell.size() ? absl::string_view() : cell);
    }
    ++rows_;
    return absl::OkStatus();
  }

  absl::Status AddMalformedRow(const CsvMalformedRow& row) {
    if (reader_.header().empty() && options_.header) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", row.line, ", column ", row.column, ": malformed header: ", row.message));
    }
    ROICAST_RETURN_IF_ERROR(CountRow(row.line));
    AddMalformed(row.line, static_cast<int>(row.column), row.message);
    return absl::OkStatus();
  }

  void AddMalformed(int64_t line, int column, std::string message) {
    ++result_.malformed_rows;
    AddIssue(line, column, std::move(message));
  }

  // Protobuf strings must be UTF-8: a model with another vocabulary could not be read back.
  void AddNotUtf8(int64_t line, size_t index, unsigned char byte) {
    AddIssue(line, static_cast<int>(index) + 1,
             absl::StrCat("\"", reader_.header()[index], "\": not valid UTF-8 (byte 0x",
                          absl::Hex(byte, absl::kZeroPad2), "); taken as missing"));
  }

  // Called in line order.
  void AddIssue(int64_t line, int column, std::string message) {
    ++result_.issue_count;
    if (++listed_ <= kMaxCsvIssues) issues_.push_back({line, column, std::move(message)});
  }

  // The first issues of each column suffice: they include the first of the file.
  absl::Status FinishColumn(int index) {
    int listed = 0;
    // The kind is known only at the end.
    std::vector<std::pair<int64_t, std::string>> misfits;
    UnreadCells& unread = result_.unread.emplace_back();
    auto column = builders_[index].Finish([&](int64_t row, absl::string_view cell) {
      ++result_.issue_count;
      unread.rows.push_back(row);
      if (unread.examples.size() < kMostExamples) unread.examples.push_back(Shown(cell));
      if (++listed <= kMaxCsvIssues) misfits.emplace_back(row, Shown(cell));
    });
    ROICAST_RETURN_IF_ERROR(column.status());
    for (const auto& [row, cell] : misfits) {
      issues_.push_back({result_.LineOf(row), index + 1,
                         absl::StrCat("\"", column->name, "\": expected ", ExpectedValue(column->kind), ", got \"",
                                      cell, "\"; taken as missing")});
    }
    return result_.table.AddColumn(*std::move(column));
  }

  const CsvTableOptions& options_;
  const MissingSpellings missing_;
  CsvReader reader_;
  std::vector<ColumnBuilder> builders_;
  CsvTable result_;
  std::vector<CsvIssue> issues_;
  int64_t rows_ = 0;
  int listed_ = 0;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

absl::Status CsvTableOptions::Validate() const {
  CsvReaderOptions reader_options;
  reader_options.delimiter = delimiter;
  ROICAST_RETURN_IF_ERROR(reader_options.Validate());
  if (max_rows < 1) return absl::InvalidArgumentError(absl::StrCat("max_rows: expected at least 1, got ", max_rows));
  return absl::OkStatus();
}

double CsvTable::ScaleOf(absl::string_view) const { return 1.0; }

int64_t CsvTable::PerCentCells(absl::string_view) const { return 0; }

std::vector<std::string> CsvTable::CurrenciesOf(absl::string_view) const { return {}; }

int64_t CsvTable::LineOf(int64_t row) const {
  if (lines.empty()) return row + 1;
  const auto after = std::upper_bound(lines.begin(), lines.end(), row,
                                      [](int64_t wanted, const CsvLineRun& run) { return wanted < run.row; });
  const CsvLineRun& run = *std::prev(after);
  return run.line + row - run.row;
}

absl::StatusOr<CsvTable> ReadCsvText(absl::string_view text, const CsvTableOptions& options) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  TableReader reader(options);
  ROICAST_RETURN_IF_ERROR(reader.Feed(text));
  return reader.Finish();
}

absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, const CsvTableOptions& options) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    const std::string message = absl::StrCat(path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::FailedPreconditionError(message);
  }
  TableReader reader(options);
  std::vector<char> chunk(size_t{1} << 18);
  while (true) {
    const size_t size = std::fread(chunk.data(), 1, chunk.size(), file.get());
    if (size == 0) break;
    ROICAST_RETURN_IF_ERROR(WithContext(reader.Feed(absl::string_view(chunk.data(), size)), path));
  }
  if (std::ferror(file.get())) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  absl::StatusOr<CsvTable> table = reader.Finish();
  if (!table.ok()) return WithContext(table.status(), path);
  return table;
}

}  // namespace roicast
