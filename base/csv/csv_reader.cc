#include "base/csv/csv_reader.h"

#include <csv.h>

#include <cstring>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace roicast {
namespace {

// The parser states of libcsv used here; its header does not name them.
constexpr int kRowNotBegun = 0;
constexpr int kFieldMightHaveEnded = 3;

constexpr absl::string_view kUtf8Bom = "\xEF\xBB\xBF";

bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }

}  // namespace

absl::Status CsvReaderOptions::Validate() const {
  if (delimiter == '"' || IsLineEnd(delimiter) || delimiter == '\0') {
    return absl::InvalidArgumentError("csv delimiter: expected one byte other than a quote, a line end or NUL");
  }
  if (max_cell_bytes == 0) return absl::InvalidArgumentError("max_cell_bytes: expected at least 1, got 0");
  if (max_columns == 0) return absl::InvalidArgumentError("max_columns: expected at least 1, got 0");
  return absl::OkStatus();
}

// Adds line numbers and rows to libcsv, which has neither. Bytes are passed on line by line, so that the line on which
// a row begins is known when the row ends.
class CsvReader::Parser {
 public:
  Parser(CsvReaderOptions options, RowCallback on_row, MalformedRowCallback on_malformed)
      : options_(options), on_row_(std::move(on_row)), on_malformed_(std::move(on_malformed)) {
    status_ = options_.Validate();
    ROICAST_CHECK(csv_init(&csv_, kOptions) == 0);
    csv_set_delim(&csv_, static_cast<unsigned char>(options_.delimiter));
    csv_set_blk_size(&csv_, 4096);
  }
  ~Parser() { csv_free(&csv_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  absl::Status Feed(absl::string_view bytes) {
    if (!status_.ok()) return status_;
    if (!start_seen_) {
      if (start_.size() + bytes.size() < kUtf8Bom.size()) {
        start_.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      }
      std::string joined = std::move(start_);
      joined.append(bytes.data(), bytes.size());
      return FeedStart(joined);
    }
    FeedLines(bytes);
    return status_;
  }

  absl::Status Finish() {
    if (!status_.ok()) return status_;
    if (!start_seen_) {
      const std::string start = std::move(start_);
      ROICAST_RETURN_IF_ERROR(FeedStart(start));
    }
    if (skipping_) return FinishHeader();
    if (csv_fini(&csv_, &OnCell, &OnRow, this) != 0) {
      return status_ = absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ", column ", ends_.size() + 1,
                                                               ": expected a closing quote, got the end of the file"));
    }
    if (!status_.ok()) return status_;
    return FinishHeader();
  }

  const std::vector<std::string>& header() const { return header_; }

 private:
  static constexpr unsigned char kOptions = CSV_STRICT | CSV_STRICT_FINI;

  absl::Status FinishHeader() {
    if (options_.has_header && header_.empty()) {
      status_ = absl::InvalidArgumentError("expected a header line, got an empty file");
    }
    return status_;
  }

  absl::Status FeedStart(absl::string_view bytes) {
    start_seen_ = true;
    if (bytes.size() >= 2 && (bytes.substr(0, 2) == "\xFF\xFE" || bytes.substr(0, 2) == "\xFE\xFF")) {
      return status_ = absl::InvalidArgumentError("expected UTF-8, got UTF-16: save the file as UTF-8");
    }
    if (bytes.substr(0, kUtf8Bom.size()) == kUtf8Bom) bytes.remove_prefix(kUtf8Bom.size());
    FeedLines(bytes);
    return status_;
  }

  void FeedLines(absl::string_view bytes) {
    while (!bytes.empty() && status_.ok()) {
      const void* end = std::memchr(bytes.data(), '\n', bytes.size());
      const size_t length =
          end == nullptr ? bytes.size() : static_cast<size_t>(static_cast<const char*>(end) - bytes.data()) + 1;
      FeedLine(bytes.substr(0, length), end != nullptr);
      bytes.remove_prefix(length);
    }
  }

  // Bytes up to a line feed (complete) or to the end of the input.
  void FeedLine(absl::string_view bytes, bool complete) {
    if (skipping_) {
      if (complete) {
        skipping_ = false;
        ++line_;
      }
      return;
    }
    if (csv_.pstate == kRowNotBegun) row_line_ = line_;
    while (!bytes.empty() && status_.ok()) {
      const size_t consumed = csv_parse(&csv_, bytes.data(), bytes.size(), &OnCell, &OnRow, this);
      if (!status_.ok()) return;
      bytes.remove_prefix(consumed);
      if (bytes.empty()) break;
      if (csv_error(&csv_) != CSV_EPARSE) {
        status_ =
            absl::ResourceExhaustedError(absl::StrCat("line ", row_line_, ": out of memory while reading a cell"));
        return;
      }
      if (csv_.pstate == kFieldMightHaveEnded) {
        RefuseRow(bytes, complete);
        return;
      }
      TakeQuoteAsText(bytes[0]);
      bytes.remove_prefix(1);
    }
    if (csv_.entry_pos > options_.max_cell_bytes) RefuseCellSize();
    if (!complete) return;
    // The CR of a CRLF that ended a row was counted there.
    if (!row_ended_by_cr_ || csv_.pstate != kRowNotBegun) ++line_;
    row_ended_by_cr_ = false;
  }

  // In strict mode libcsv rejects a quote inside an unquoted cell. Here it is an ordinary character, so this one byte
  // is parsed in lax mode. (Elsewhere strict mode is needed: without it, text after a closing quote would swallow the
  // lines below.)
  void TakeQuoteAsText(char byte) {
    csv_set_opts(&csv_, 0);
    csv_parse(&csv_, &byte, 1, &OnCell, &OnRow, this);
    csv_set_opts(&csv_, kOptions);
  }

  void RefuseRow(absl::string_view rest, bool complete) {
    const unsigned char got = static_cast<unsigned char>(rest[0]);
    const CsvMalformedRow row{row_line_, static_cast<int64_t>(ends_.size()) + 1,
                              absl::StrCat("expected a delimiter or a line end after the closing quote, got ",
                                           got < 0x80 ? absl::StrCat("\"", rest.substr(0, 1), "\"")
                                                      : absl::StrCat("byte 0x", absl::Hex(got, absl::kZeroPad2)))};
    // Returns to the state between rows and discards what was read.
    discarding_ = true;
    csv_set_opts(&csv_, 0);
    csv_fini(&csv_, &OnCell, &OnRow, this);
    csv_set_opts(&csv_, kOptions);
    discarding_ = false;
    ClearRow();
    status_ =
        on_malformed_
            ? on_malformed_(row)
            : absl::InvalidArgumentError(absl::StrCat("line ", row.line, ", column ", row.column, ": ", row.message));
    skipping_ = !complete;
    if (complete) ++line_;
    row_ended_by_cr_ = false;
  }

  void RefuseCellSize() {
    status_ = absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ", column ", ends_.size() + 1,
                                                      ": expected a cell of at most ", options_.max_cell_bytes,
                                                      " bytes, got more: is a quote left open?"));
  }

  static void OnCell(void* data, size_t size, void* self) {
    static_cast<Parser*>(self)->AddCell(absl::string_view(static_cast<const char*>(data), size));
  }
  static void OnRow(int end, void* self) { static_cast<Parser*>(self)->EndRow(end); }

  void AddCell(absl::string_view cell) {
    if (discarding_ || !status_.ok()) return;
    if (cell.size() > options_.max_cell_bytes) return RefuseCellSize();
    if (ends_.size() == options_.max_columns) {
      status_ = absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ": expected at most ", options_.max_columns,
                                                        " columns, got more: is the delimiter right?"));
      return;
    }
    text_.append(cell.data(), cell.size());
    ends_.push_back(text_.size());
  }

  // end: the byte that ended the row; −1 at the end of the file.
  void EndRow(int end) {
    if (discarding_ || !status_.ok()) return;
    cells_.resize(ends_.size());
    size_t begin = 0;
    for (size_t i = 0; i < ends_.size(); ++i) {
      cells_[i] = absl::string_view(text_.data() + begin, ends_[i] - begin);
      begin = ends_[i];
    }
    HandOver();
    ClearRow();
    row_ended_by_cr_ = end == '\r';
    if (end == '\r') row_line_ = ++line_;
  }

  void HandOver() {
    if (header_.empty()) {
      status_ = SetHeader();
      if (!status_.ok() || options_.has_header) return;
    }
    status_ = on_row_(CsvRow{row_line_, cells_});
  }

  absl::Status SetHeader() {
    std::vector<std::string> names;
    std::unordered_set<std::string> seen;
    for (size_t i = 0; i < cells_.size(); ++i) {
      const bool named = options_.has_header && !cells_[i].empty();
      if (const size_t valid = ValidUtf8Prefix(cells_[i]); named && valid < cells_[i].size()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "line ", row_line_, ", column ", i + 1, ": the header is not valid UTF-8 (byte 0x",
            absl::Hex(static_cast<unsigned char>(cells_[i][valid]), absl::kZeroPad2), "): save the file as UTF-8"));
      }
      names.push_back(named ? std::string(cells_[i]) : absl::StrCat("c", i));
      if (!seen.insert(names.back()).second) {
        return absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ", column ", i + 1,
                                                       ": expected distinct column names, got \"", names.back(),
                                                       "\" twice"));
      }
    }
    header_ = std::move(names);
    return absl::OkStatus();
  }

  void ClearRow() {
    text_.clear();
    ends_.clear();
  }

  const CsvReaderOptions options_;
  const RowCallback on_row_;
  const MalformedRowCallback on_malformed_;
  csv_parser csv_;
  absl::Status status_;
  std::vector<std::string> header_;
  // The first bytes, buffered until they suffice to detect a byte order mark.
  std::string start_;
  bool start_seen_ = false;
  // The current line, and the line on which the row began.
  int64_t line_ = 1;
  int64_t row_line_ = 1;
  bool row_ended_by_cr_ = false;
  // Whether the rest of a malformed row is being skipped.
  bool skipping_ = false;
  bool discarding_ = false;
  // The row so far: the text of its cells back to back, and where each cell ends.
  std::string text_;
  std::vector<size_t> ends_;
  std::vector<absl::string_view> cells_;
};

CsvReader::CsvReader(CsvReaderOptions options, RowCallback on_row, MalformedRowCallback on_malformed)
    : parser_(std::make_unique<Parser>(options, std::move(on_row), std::move(on_malformed))) {}
CsvReader::~CsvReader() = default;

absl::Status CsvReader::Feed(absl::string_view bytes) { return parser_->Feed(bytes); }
absl::Status CsvReader::Finish() { return parser_->Finish(); }
const std::vector<std::string>& CsvReader::header() const { return parser_->header(); }

}  // namespace roicast
