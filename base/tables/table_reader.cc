#include "base/tables/table_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tables/bytes/decompressor.h"
#include "base/tables/bytes/foreign_file.h"
#include "base/tables/bytes/legacy_encoding.h"
#include "base/tables/bytes/text_encoding.h"
#include "base/tables/shape/file_notes.h"
#include "base/tables/shape/lines.h"
#include "base/tables/shape/row_filter.h"
#include "base/tables/shape/table_shape.h"
#include "base/tables/tokenizer.h"

namespace roicast {
namespace {

constexpr size_t kSampleBytes = size_t{256} << 10;
// Where rows are very long.
constexpr size_t kMaxSampleBytes = size_t{8} << 20;
constexpr int64_t kSampleLines = 5;
constexpr size_t kPieceBytes = size_t{64} << 10;
// From this many on, damaged characters are a reason to doubt that the file is UTF-8.
constexpr int64_t kDoubtfulDamage = 5;
// Fewer malformed rows in a file without any other are reported like others.
constexpr int64_t kFewestMalformed = 3;

}  // namespace

class TableReader::Impl {
 public:
  Impl(const FileOptions& options, Events events, MemoryBudget* memory)
      : options_(options),
        events_(std::move(events)),
        claim_(memory->EmptyClaim(MemoryUse::kTables)),
        status_(options.Validate()),
        decompressor_([this](absl::string_view bytes) { return TakeBytes(bytes); }) {}

  absl::Status Feed(absl::string_view bytes) {
    if (!status_.ok()) return status_;
    return status_ = decompressor_.Feed(bytes);
  }

  absl::Status Finish() {
    if (!status_.ok()) return status_;
    status_ = End();
    return status_;
  }

  absl::Status FinishSample() {
    if (!status_.ok()) return status_;
    if (!started_) status_ = Start(false);
    if (status_.ok()) status_ = filter_->Finish(false);
    return status_;
  }

  const FileForm& form() const { return form_; }
  const HeaderNames& header() const { return filter_ != nullptr ? filter_->header() : no_header_; }
  const std::vector<std::string>& raw_header() const {
    return filter_ != nullptr ? filter_->raw_header() : no_header_.names;
  }
  const std::optional<FileOptions>& better() const { return better_; }
  int64_t rows() const { return filter_ != nullptr ? filter_->rows() : 0; }
  const std::vector<LeftOutCount>& left_out() const { return filter_ != nullptr ? filter_->left_out() : no_left_out_; }

  std::vector<TableNote> notes() const {
    if (filter_ == nullptr) return {};
    return FileNotes({options_, form_, shape_, *filter_, decoder_->damaged()});
  }

 private:
  absl::Status End() {
    ROICAST_RETURN_IF_ERROR(decompressor_.Finish());
    if (!started_) ROICAST_RETURN_IF_ERROR(Start(true));
    ROICAST_RETURN_IF_ERROR(TakeText("", true));
    ROICAST_RETURN_IF_ERROR(tokenizer_->Finish());
    ROICAST_RETURN_IF_ERROR(filter_->Finish(true));
    form_.trailing_delimiter = filter_->trailing_delimiter();
    if (form_.header_line > 0 && filter_->header().names.empty()) {
      return absl::InvalidArgumentError("expected a header line, got an empty file");
    }
    return RefuseWithoutRows();
  }

  // Where lines follow the header, but each is malformed.
  absl::Status RefuseWithoutRows() const {
    if (filter_->rows() > 0) return absl::OkStatus();
    for (const LeftOutCount& count : filter_->left_out()) {
      if (count.reason != LeftOut::kMalformed || count.rows < kFewestMalformed) continue;
      return absl::InvalidArgumentError(absl::StrCat("line ", count.lines[0], ": expected a row of the table, got ",
                                                     count.example, "; so are all ", count.rows,
                                                     " lines below the header: see --delimiter and --header-line"));
    }
    return absl::OkStatus();
  }

  // Before a window of the decompressor is filled, and after a long row has got more room.
  absl::Status ClaimMemory() {
    const size_t wanted = decompressor_.memory_bytes() + 2 * sample_.capacity() +
                          (tokenizer_.has_value() ? tokenizer_->memory_bytes() : 0);
    if (wanted == claim_.bytes()) return absl::OkStatus();
    const absl::Status claimed = claim_.SetTo(wanted);
    if (claimed.ok()) return claimed;
    return absl::ResourceExhaustedError(
        absl::StrCat("the table: the window of its compression and its longest row take ", BytesText(wanted),
                     " of memory; ", claimed.message()));
  }

  // Decompressed.
  absl::Status TakeBytes(absl::string_view bytes) {
    ROICAST_RETURN_IF_ERROR(ClaimMemory());
    while (!started_) {
      const size_t taken = std::min(bytes.size(), sample_wanted_ - sample_.size());
      sample_.append(bytes.data(), taken);
      bytes.remove_prefix(taken);
      if (sample_.size() < sample_wanted_) return absl::OkStatus();
      const int64_t lines =
          std::max(std::count(sample_.begin(), sample_.end(), '\n'), std::count(sample_.begin(), sample_.end(), '\r'));
      if (lines < kSampleLines && sample_wanted_ < kMaxSampleBytes) {
        sample_wanted_ *= 2;
      } else {
        ROICAST_RETURN_IF_ERROR(Start(false));
      }
    }
    return TakeText(bytes, false);
  }

  // whole: whether the sample is all of the file.
  absl::Status Start(bool whole) {
    form_.compression = decompressor_.compression();
    ROICAST_RETURN_IF_ERROR(RefuseForeignFile(sample_));
    ROICAST_RETURN_IF_ERROR(ChooseEncoding(whole));
    absl::string_view bytes = sample_;
    bytes.remove_prefix(form_.byte_order_mark ? ByteOrderMark(form_.encoding).size() : 0);
    std::string text(TextDecoder::MaxSize(bytes.size()), '\0');
    text.resize(static_cast<size_t>(decoder_->Decode(bytes, whole, text.data()) - text.data()));
    sample_ = std::string();
    form_.encoding = decoder_->encoding();

    ROICAST_ASSIGN_OR_RETURN(shape_, DetectShape(text, whole, options_));
    form_.delimiter = shape_.delimiter;
    form_.separator_line = shape_.separator_line;
    form_.line_end = shape_.line_end;
    form_.header_line = shape_.has_header ? shape_.first_line : 0;
    filter_ = std::make_unique<RowFilter>(
        shape_, options_.keep_totals,
        RowFilter::Events{[this] { return GiveHeader(); }, events_.on_row, events_.on_left_out});
    tokenizer_.emplace(
        TokenizerOptions{shape_.delimiter, options_.max_cell_bytes, options_.max_columns, options_.max_row_bytes},
        filter_.get(), shape_.first_line);
    started_ = true;
    LeaveOutTitles(absl::string_view(text).substr(0, shape_.first_byte));
    if (!shape_.has_header) ROICAST_RETURN_IF_ERROR(GiveHeader());
    if (decoder_->damaged() > 0) filter_->SearchForDamage();
    absl::string_view rest = absl::string_view(text).substr(shape_.first_byte);
    while (!rest.empty()) {
      const absl::string_view piece = rest.substr(0, kPieceBytes);
      std::memcpy(tokenizer_->Prepare(piece.size()), piece.data(), piece.size());
      ROICAST_RETURN_IF_ERROR(Commit(piece.data(), piece.size()));
      rest.remove_prefix(piece.size());
    }
    return absl::OkStatus();
  }

  absl::Status ChooseEncoding(bool whole) {
    constexpr absl::string_view kUtf32Mark("\xFF\xFE\0\0", 4);
    if (absl::StartsWith(sample_, kUtf32Mark)) {
      return absl::InvalidArgumentError("expected UTF-8 or UTF-16, got UTF-32: save the file as UTF-8");
    }
    EncodingGuess guess = GuessEncoding(sample_, whole);
    if (guess.binary && NulIsStray()) {
      // The text around it is read, so that the error can say where it stands.
      std::string text = sample_;
      text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
      const EncodingGuess around = GuessEncoding(text, whole);
      // In UTF-16 a NUL is half of a character, and a mark behind a NUL is none.
      const bool of_bytes = around.encoding != Encoding::kUtf16Le && around.encoding != Encoding::kUtf16Be;
      if (of_bytes && around.byte_order_mark == (ByteOrderMarkSize(sample_, around.encoding) > 0)) guess = around;
    }
    if (options_.encoding.has_value()) {
      form_.encoding = *options_.encoding;
      form_.byte_order_mark = ByteOrderMarkSize(sample_, form_.encoding) > 0;
    } else if (guess.binary) {
      const size_t nul = sample_.find('\0');
      const size_t line_begin = sample_.rfind('\n', nul) + 1;
      return absl::InvalidArgumentError(
          absl::StrCat("line ", 1 + std::count(sample_.begin(), sample_.begin() + static_cast<ptrdiff_t>(nul), '\n'),
                       ", byte ", nul - line_begin + 1,
                       ": expected a text file with rows and columns, got binary data (a NUL byte): export it as CSV"));
    } else {
      form_.encoding = guess.encoding;
      form_.byte_order_mark = guess.byte_order_mark;
      if (form_.encoding == Encoding::kWindows1252 || form_.encoding == Encoding::kLatin1) {
        ROICAST_RETURN_IF_ERROR(RefuseLegacyEncoding(sample_));
      }
    }
    decoder_.emplace(form_.encoding, !options_.encoding.has_value() && !form_.byte_order_mark);
    return absl::OkStatus();
  }

  // Whether the sample is text but for a few NULs: one or two, or one in a thousand bytes.
  bool NulIsStray() const {
    const auto is_control = [](char c) {
      return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    };
    const auto controls = static_cast<size_t>(std::count_if(sample_.begin(), sample_.end(), is_control));
    return controls <= std::max<size_t>(2, sample_.size() / 1000) && sample_.size() >= 32;
  }

  absl::Status GiveHeader() {
    form_.trailing_delimiter = filter_->trailing_delimiter();
    if (!events_.on_header) return absl::OkStatus();
    return events_.on_header(form_, filter_->header().names);
  }

  void LeaveOutTitles(absl::string_view text) {
    for (int64_t line = 1; !text.empty(); ++line) {
      const absl::string_view title = TakeLine(text);
      if (line == 1 && shape_.separator_line) continue;
      const absl::string_view trimmed = absl::StripAsciiWhitespace(title);
      const bool blank =
          trimmed.find_first_not_of(absl::StrCat(std::string(1, shape_.delimiter), " \t\"")) == absl::string_view::npos;
      const LeftOut other = absl::StartsWith(trimmed, "#") ? LeftOut::kComment : LeftOut::kTitle;
      filter_->LeaveOut(line, 0, blank ? LeftOut::kBlank : other, blank ? "" : trimmed);
    }
  }

  // Of the file's text, after the sample.
  absl::Status TakeText(absl::string_view bytes, bool last) {
    do {
      const absl::string_view piece = bytes.substr(0, kPieceBytes);
      bytes.remove_prefix(piece.size());
      char* const begin = tokenizer_->Prepare(TextDecoder::MaxSize(piece.size()));
      const int64_t damaged = decoder_->damaged();
      char* const end = decoder_->Decode(piece, last && bytes.empty(), begin);
      form_.encoding = decoder_->encoding();
      if (decoder_->damaged() > damaged) filter_->SearchForDamage();
      ROICAST_RETURN_IF_ERROR(Commit(begin, static_cast<size_t>(end - begin)));
      ROICAST_RETURN_IF_ERROR(DoubtEncoding());
    } while (!bytes.empty());
    return absl::OkStatus();
  }

  // text: what was prepared.
  absl::Status Commit(const char* text, size_t size) {
    if (decoder_->nuls() == 0) return tokenizer_->Commit(size);
    const void* const nul = std::memchr(text, '\0', size);
    if (nul == nullptr) return tokenizer_->Commit(size);
    ROICAST_RETURN_IF_ERROR(tokenizer_->Commit(static_cast<size_t>(static_cast<const char*>(nul) - text)));
    return absl::InvalidArgumentError(
        absl::StrCat("line ", tokenizer_->line(), ", column ", tokenizer_->column(),
                     ": expected text, got a NUL character: is the file damaged, or in another ", "encoding than ",
                     EncodingName(form_.encoding), " (--encoding)?"));
  }

  absl::Status DoubtEncoding() {
    const bool sure = options_.encoding.has_value() || form_.byte_order_mark || form_.encoding != Encoding::kUtf8;
    if (sure || decoder_->damaged() < kDoubtfulDamage || decoder_->damaged() <= decoder_->multibyte()) {
      return absl::OkStatus();
    }
    better_ = options_;
    better_->encoding = Encoding::kWindows1252;
    const int64_t line = filter_->damaged_lines().empty() ? tokenizer_->line() : filter_->damaged_lines()[0];
    return absl::AbortedError(
        absl::StrCat("line ", line, ": expected UTF-8 as in the lines before, got other bytes in ", decoder_->damaged(),
                     " places: read the file as Windows-1252 ", "(--encoding windows-1252)"));
  }

  const FileOptions options_;
  const Events events_;
  MemoryClaim claim_;
  absl::Status status_;
  Decompressor decompressor_;
  std::string sample_;
  size_t sample_wanted_ = kSampleBytes;
  bool started_ = false;
  FileForm form_;
  TableShape shape_;
  std::optional<TextDecoder> decoder_;
  std::unique_ptr<RowFilter> filter_;
  std::optional<Tokenizer> tokenizer_;
  std::optional<FileOptions> better_;
  const HeaderNames no_header_;
  const std::vector<LeftOutCount> no_left_out_;
};

TableReader::TableReader(const FileOptions& options, Events events, MemoryBudget* memory)
    : impl_(std::make_unique<Impl>(options, std::move(events), memory)) {}
TableReader::~TableReader() = default;

absl::Status TableReader::Feed(absl::string_view bytes) { return impl_->Feed(bytes); }
absl::Status TableReader::Finish() { return impl_->Finish(); }
absl::Status TableReader::FinishSample() { return impl_->FinishSample(); }
const FileForm& TableReader::form() const { return impl_->form(); }
const std::vector<std::string>& TableReader::header() const { return impl_->header().names; }
const std::vector<std::string>& TableReader::raw_header() const { return impl_->raw_header(); }
const std::optional<FileOptions>& TableReader::better() const { return impl_->better(); }
int64_t TableReader::rows() const { return impl_->rows(); }
const std::vector<LeftOutCount>& TableReader::left_out() const { return impl_->left_out(); }
std::vector<TableNote> TableReader::notes() const { return impl_->notes(); }

}  // namespace roicast
