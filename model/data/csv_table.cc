#include "model/data/csv_table.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tables/table_reader.h"
#include "base/utf8.h"
#include "model/data/column_builder.h"
#include "model/data/meaning/identifier_names.h"

namespace roicast {
namespace {

constexpr size_t kMostExamples = 5;
constexpr size_t kChunkBytes = size_t{256} << 10;
// A few milliseconds.
constexpr size_t kBytesBetweenStops = size_t{256} << 10;
constexpr size_t kBytesBetweenClaims = size_t{1} << 20;

// The start of a cell, short enough for a message.
std::string Shown(absl::string_view cell) {
  constexpr size_t kMost = 40;
  if (cell.size() <= kMost) return std::string(cell);
  return absl::StrCat(Utf8Start(cell, kMost), "…");
}

// A target of words such as yes and no.
std::string YesOrNoHint(FeatureKind kind, const UnreadCells& unread) {
  static constexpr absl::string_view kWords[] = {"yes", "no",  "true", "false", "y",   "n",  "t",   "f",  "ja", "nein",
                                                 "oui", "non", "sí",   "si",    "sim", "да", "нет", "是", "否"};
  const bool fits = kind == FeatureKind::kNumeric &&
                    std::all_of(unread.examples.begin(), unread.examples.end(), [](const std::string& cell) {
                      return std::any_of(std::begin(kWords), std::end(kWords),
                                         [&](absl::string_view word) { return absl::EqualsIgnoreCase(cell, word); });
                    });
  return fits ? "; a yes or no can be the target (--target), of which the probability is predicted" : "";
}

absl::string_view ExpectedValue(FeatureKind kind) {
  return kind == FeatureKind::kTime ? "a date or time such as 2024-05-31 or 2024-05-31T12:00:00Z" : "a number";
}

std::optional<FeatureKind> KnownKind(const CsvTableOptions& options, absl::string_view name) {
  std::optional<FeatureKind> kind;
  for (const auto& [known, known_kind] : options.kinds) {
    if (known == name) kind = known_kind;
  }
  return kind;
}

bool IsKindSaid(const CsvTableOptions& options, absl::string_view name) {
  return KnownKind(options, name).has_value() ||
         std::any_of(options.columns.begin(), options.columns.end(), [&](const ColumnOptions& column) {
           return column.name == name && (column.kind.has_value() || column.decimal_mark.has_value() ||
                                          column.time.has_value() || column.scale.has_value());
         });
}

TableOptions OptionsOf(const CsvTableOptions& options) {
  TableOptions table;
  table.file = options.file;
  table.columns = options.columns;
  table.missing = MissingSpellings(options.missing_values);
  table.stop = options.stop;
  table.memory = options.memory;
  return options.reading.has_value() ? OptionsFrom(*options.reading, table) : table;
}

// Puts the known kinds into the options of the columns. True if one of them is another than the reading's.
bool PutKinds(const CsvTableOptions& options, TableOptions& table) {
  bool other = false;
  for (const auto& [name, kind] : options.kinds) {
    const ColumnKind wanted = ColumnKindOf(kind);
    const auto found =
        std::find_if(table.columns.begin(), table.columns.end(),
                     [&, &wanted_name = name](const ColumnOptions& column) { return column.name == wanted_name; });
    if (found == table.columns.end()) {
      ColumnOptions column;
      column.name = name;
      column.kind = wanted;
      table.columns.push_back(std::move(column));
      continue;
    }
    if (found->kind == wanted) continue;
    other |= found->kind.has_value();
    // How it is written in that kind is found out, unless a person said it.
    if (options.reading.has_value()) {
      *found = ColumnOptions();
      found->name = name;
    }
    found->kind = wanted;
  }
  return other;
}

// Builds a CsvTable from bytes whose form is known.
class TableBuilder {
 public:
  TableBuilder(const CsvTableOptions& options, TableOptions table_options, TableReading reading)
      : options_(options),
        missing_(table_options.missing),
        reader_(FileOf(table_options, reading), Events(), options.memory),
        stop_(&options.stop, kBytesBetweenStops),
        claim_(options.memory->EmptyClaim(MemoryUse::kTables)) {
    result_.reading = std::move(reading);
    StartColumns();
  }

  absl::Status Feed(absl::string_view bytes) { return reader_.Feed(bytes); }

  absl::StatusOr<CsvTable> Finish() {
    ROICAST_RETURN_IF_ERROR(reader_.Finish());
    ROICAST_RETURN_IF_ERROR(ClaimMemory());
    for (size_t i = 0; i < builders_.size(); ++i) {
      ROICAST_RETURN_IF_ERROR(CheckStop(options_.stop));
      ROICAST_RETURN_IF_ERROR(FinishColumn(static_cast<int>(i)));
    }
    std::stable_sort(issues_.begin(), issues_.end(), [](const CsvIssue& a, const CsvIssue& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    if (issues_.size() > static_cast<size_t>(kMaxCsvIssues)) issues_.resize(kMaxCsvIssues);
    result_.issues = std::move(issues_);
    // What was needed to build it is free again.
    ROICAST_RETURN_IF_ERROR(claim_.SetTo(std::min(claim_.bytes(), static_cast<uint64_t>(result_.memory_bytes()))));
    result_.memory = std::make_shared<MemoryClaim>(std::move(claim_));
    return std::move(result_);
  }

 private:
  static FileOptions FileOf(const TableOptions& options, const TableReading& reading) {
    return OptionsFrom(reading, options).file;
  }

  TableReader::Events Events() {
    TableReader::Events events;
    events.on_header = [this](const FileForm&, const std::vector<std::string>& names) -> absl::Status {
      if (names == result_.reading->names) return absl::OkStatus();
      return absl::FailedPreconditionError("the header is another than when the table was read first");
    };
    events.on_row = [this](const TableRow& row) { return AddRow(row); };
    events.on_left_out = [this](const LeftOutRow& row) {
      if (row.reason != LeftOut::kMalformed) return;
      ++result_.rows_in;
      ++result_.malformed_rows;
      AddIssue(row.line, static_cast<int>(row.column), row.message);
    };
    return events;
  }

  void StartColumns() {
    const TableReading& reading = *result_.reading;
    builders_.reserve(reading.names.size());
    for (size_t i = 0; i < reading.names.size(); ++i) {
      const ColumnReading& column = reading.columns[i];
      ColumnBuilderOptions builder;
      builder.form = column.form;
      const std::optional<FeatureKind> known = KnownKind(options_, reading.names[i]);
      if (known.has_value()) {
        builder.form.kind = ColumnKindOf(*known);
      } else if (column.present == 0) {
        builder.form.kind = ColumnKind::kNumber;
      }
      builder.words_if_few = builder.form.kind == ColumnKind::kNumber && column.present > 0 &&
                             IsNamedLikeIdentifier(reading.names[i]) && !IsKindSaid(options_, reading.names[i]);
      builder.words_if_two = builder.form.kind == ColumnKind::kNumber && IsTwoValued(reading.names[i]);
      builder.words = column.frequent_missing_words;
      for (const auto& [name, word] : options_.words) {
        if (name == reading.names[i]) builder.words.push_back(word);
      }
      builders_.emplace_back(reading.names[i], std::move(builder), &missing_, reading.rows);
    }
  }

  bool IsTwoValued(const std::string& name) const {
    return std::find(options_.two_valued.begin(), options_.two_valued.end(), name) != options_.two_valued.end();
  }

  absl::Status AddRow(const TableRow& row) {
    if (++result_.rows_in > options_.max_rows) {
      return absl::ResourceExhaustedError(
          absl::StrCat("line ", row.line, ": expected at most ", options_.max_rows, " rows, got more"));
    }
    if (result_.lines.empty() || row.line != result_.lines.back().line + rows_ - result_.lines.back().row) {
      result_.lines.push_back({rows_, row.line});
    }
    for (size_t i = 0; i < builders_.size(); ++i) builders_[i].Add(row.cells[i]);
    ++rows_;
    unclaimed_ += row.raw.size();
    if (unclaimed_ >= kBytesBetweenClaims) {
      unclaimed_ = 0;
      ROICAST_RETURN_IF_ERROR(ClaimMemory());
    }
    return stop_.Done(row.raw.size());
  }

  // What the table takes so far, or with as many rows as it is known to have, if its cells go on like that.
  absl::Status ClaimMemory() {
    size_t cells = result_.lines.size() * sizeof(CsvLineRun), words = 0;
    for (const ColumnBuilder& builder : builders_) {
      cells += builder.cells_bytes();
      words += builder.words_bytes();
    }
    const auto read = static_cast<double>(std::max<int64_t>(rows_, 1));
    const double share = std::max(1.0, static_cast<double>(result_.reading->rows) / read);
    const auto wanted = static_cast<uint64_t>(static_cast<double>(cells) * share) + words;
    const absl::Status claimed = claim_.SetTo(wanted);
    if (claimed.ok()) return claimed;
    return absl::ResourceExhaustedError(absl::StrCat("the table: ", std::max(rows_, result_.reading->rows), " rows of ",
                                                     builders_.size(), " columns take ", BytesText(wanted),
                                                     " of memory; ", claimed.message()));
  }

  // Called in line order.
  void AddIssue(int64_t line, int column, std::string message) {
    ++result_.issue_count;
    if (++listed_ <= kMaxCsvIssues) issues_.push_back({line, column, std::move(message)});
  }

  // The first issues of each column suffice: they include the first of the file.
  absl::Status FinishColumn(int index) {
    int listed = 0;
    UnreadCells& unread = result_.unread.emplace_back();
    std::vector<std::pair<int64_t, std::string>> misfits;
    Column column = builders_[static_cast<size_t>(index)].Finish([&](int64_t row, absl::string_view cell) {
      ++result_.issue_count;
      unread.rows.push_back(row);
      if (unread.examples.size() < kMostExamples) unread.examples.push_back(Shown(cell));
      if (++listed <= kMaxCsvIssues) misfits.emplace_back(row, Shown(cell));
    });
    if (column.kind == FeatureKind::kCategorical && IsTwoValued(column.name)) TakeWords(index);
    if (!unread.rows.empty() && KnownKind(options_, column.name).has_value() && NoValue(column)) {
      return absl::InvalidArgumentError(absl::StrCat("line ", result_.LineOf(unread.rows.front()), ", column \"",
                                                     column.name, "\": expected ", FeatureKindName(column.kind),
                                                     " values, got \"", unread.examples.front(), "\" and no valid cell",
                                                     YesOrNoHint(column.kind, unread)));
    }
    for (const auto& [row, cell] : misfits) {
      issues_.push_back({result_.LineOf(row), index + 1,
                         absl::StrCat("\"", column.name, "\": expected ", ExpectedValue(column.kind), ", got \"", cell,
                                      "\"; taken as missing")});
    }
    return result_.table.AddColumn(std::move(column));
  }

  // Its words are what was expected: nothing is to be said of cells that are no numbers.
  void TakeWords(int index) {
    ColumnReading& column = result_.reading->columns[static_cast<size_t>(index)];
    column.form.kind = ColumnKind::kWords;
    column.unread = 0;
    column.unread_examples.clear();
    column.notes.clear();
  }

  static bool NoValue(const Column& column) {
    for (int64_t row = 0; row < column.size(); ++row) {
      if (!column.IsMissing(row)) return false;
    }
    return true;
  }

  const CsvTableOptions& options_;
  const MissingSpellings missing_;
  TableReader reader_;
  RareStopCheck stop_;
  std::vector<ColumnBuilder> builders_;
  CsvTable result_;
  std::vector<CsvIssue> issues_;
  int64_t rows_ = 0;
  int listed_ = 0;
  size_t unclaimed_ = 0;  // bytes of the file
  MemoryClaim claim_;
};

absl::StatusOr<TableReading> ReadingFor(ByteSource& source, const CsvTableOptions& options, TableOptions& table) {
  table = OptionsOf(options);
  const bool other_kinds = PutKinds(options, table);
  if (options.reading.has_value() && !other_kinds) return *options.reading;
  ROICAST_ASSIGN_OR_RETURN(TableReading reading, DetectTable(source, table));
  ROICAST_RETURN_IF_ERROR(source.Rewind());
  return reading;
}

}  // namespace

absl::Status CsvTableOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(file.Validate());
  if (max_rows < 1) return absl::InvalidArgumentError(absl::StrCat("max_rows: expected at least 1, got ", max_rows));
  return absl::OkStatus();
}

const ColumnReading* CsvTable::ReadingOf(absl::string_view column) const {
  if (!reading.has_value()) return nullptr;
  for (size_t i = 0; i < reading->names.size(); ++i) {
    if (reading->names[i] == column) return &reading->columns[i];
  }
  return nullptr;
}

int64_t CsvTable::LineOf(int64_t row) const {
  if (lines.empty()) return row + 1;
  const auto after = std::upper_bound(lines.begin(), lines.end(), row,
                                      [](int64_t wanted, const CsvLineRun& run) { return wanted < run.row; });
  const CsvLineRun& run = *std::prev(after);
  return run.line + row - run.row;
}

int64_t CsvTable::memory_bytes() const {
  size_t bytes = lines.size() * sizeof(CsvLineRun);
  for (const UnreadCells& cells : unread) bytes += cells.rows.size() * sizeof(int64_t);
  return table.memory_bytes() + static_cast<int64_t>(bytes);
}

absl::StatusOr<CsvTable> ReadCsv(ByteSource& source, const CsvTableOptions& options) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  TableOptions table;
  ROICAST_ASSIGN_OR_RETURN(TableReading reading, ReadingFor(source, options, table));
  TableBuilder builder(options, std::move(table), std::move(reading));
  const auto buffer = std::make_unique_for_overwrite<char[]>(kChunkBytes);
  while (true) {
    ROICAST_ASSIGN_OR_RETURN(const size_t size, source.Read(buffer.get(), kChunkBytes));
    if (size == 0) return builder.Finish();
    ROICAST_RETURN_IF_ERROR(CheckStop(options.stop));
    ROICAST_RETURN_IF_ERROR(builder.Feed(absl::string_view(buffer.get(), size)));
  }
}

absl::StatusOr<CsvTable> ReadCsvText(absl::string_view text, const CsvTableOptions& options) {
  TextSource source(text);
  return ReadCsv(source, options);
}

absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, const CsvTableOptions& options) {
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> source, FileSource::Open(path));
  absl::StatusOr<CsvTable> table = ReadCsv(*source, options);
  if (!table.ok()) return WithContext(table.status(), path);
  return table;
}

absl::StatusOr<TableReading> DetectCsvFile(const std::string& path, const CsvTableOptions& options) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> source, FileSource::Open(path));
  TableOptions table;
  absl::StatusOr<TableReading> reading = ReadingFor(*source, options, table);
  if (!reading.ok()) return WithContext(reading.status(), path);
  return reading;
}

}  // namespace roicast
