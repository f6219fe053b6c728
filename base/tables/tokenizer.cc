#include "base/tables/tokenizer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace roicast {
namespace {

constexpr size_t kBlockBytes = 64;
constexpr size_t kFirstCapacity = size_t{64} << 10;

// Bit i: whether byte i stands between two quotes; of the quotes themselves, those that open.
uint64_t InsideQuotes(uint64_t quotes, bool inside) {
  for (int shift = 1; shift < 64; shift *= 2) quotes ^= quotes << shift;
  return inside ? ~quotes : quotes;
}

bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }

}  // namespace

#ifdef __SSE2__
Tokenizer::BlockMasks Tokenizer::FindSpecials(const char* block, char delimiter) {
  const __m128i wanted_delimiter = _mm_set1_epi8(delimiter);
  const __m128i wanted_lf = _mm_set1_epi8('\n');
  const __m128i wanted_cr = _mm_set1_epi8('\r');
  const __m128i wanted_quote = _mm_set1_epi8('"');
  const auto bits = [](__m128i mask) { return static_cast<uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(mask))); };
  BlockMasks masks;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, wanted_lf), _mm_cmpeq_epi8(bytes, wanted_cr));
    masks.delimiters |= bits(_mm_cmpeq_epi8(bytes, wanted_delimiter)) << (16 * i);
    masks.line_ends |= bits(ends) << (16 * i);
    masks.quotes |= bits(_mm_cmpeq_epi8(bytes, wanted_quote)) << (16 * i);
  }
  return masks;
}
#else
Tokenizer::BlockMasks Tokenizer::FindSpecials(const char* block, char delimiter) {
  BlockMasks masks;
  for (size_t i = 0; i < kBlockBytes; ++i) {
    const char c = block[i];
    masks.delimiters |= uint64_t{c == delimiter} << i;
    masks.line_ends |= uint64_t{c == '\n' || c == '\r'} << i;
    masks.quotes |= uint64_t{c == '"'} << i;
  }
  return masks;
}
#endif

Tokenizer::Tokenizer(const TokenizerOptions& options, Sink* sink, int64_t first_line)
    : delimiter_(options.delimiter),
      max_cell_bytes_(options.max_cell_bytes),
      max_columns_(options.max_columns),
      max_row_bytes_(options.max_row_bytes),
      sink_(sink),
      line_(first_line),
      row_line_(first_line) {}

char* Tokenizer::Prepare(size_t size) {
  if (row_begin_ == size_) {
    scanned_ -= row_begin_;
    size_ = 0;
    row_begin_ = 0;
  }
  if (capacity_ - size_ >= size && capacity_ > 0) return buffer_.get() + size_;
  const size_t kept = size_ - row_begin_;
  const size_t wanted = kept + size;
  if (wanted > capacity_ / 2) {
    capacity_ = std::max({2 * wanted, capacity_, kFirstCapacity});
    // A block may be read whole beyond the end.
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_ + kBlockBytes);
    if (kept > 0) std::memcpy(larger.get(), buffer_.get() + row_begin_, kept);
    std::memset(larger.get() + capacity_, 0, kBlockBytes);
    buffer_ = std::move(larger);
  } else if (kept > 0) {
    std::memmove(buffer_.get(), buffer_.get() + row_begin_, kept);
  }
  scanned_ -= row_begin_;
  if (state_ == State::kQuoteSeen) quote_ -= row_begin_;
  size_ = kept;
  row_begin_ = 0;
  return buffer_.get() + size_;
}

absl::Status Tokenizer::Commit(size_t size) {
  if (!status_.ok()) return status_;
  size_ += size;
  Scan();
  if (!status_.ok()) return status_;
  if (state_ == State::kSkipping) {
    row_begin_ = size_;
  } else if (size_ - row_begin_ > std::min(max_cell_bytes_, max_row_bytes_)) {
    CheckLimits(size_);
  }
  return status_;
}

absl::Status Tokenizer::Feed(absl::string_view text) {
  constexpr size_t kPiece = size_t{256} << 10;
  while (!text.empty() && status_.ok()) {
    const size_t size = std::min(text.size(), kPiece);
    std::memcpy(Prepare(size), text.data(), size);
    if (!Commit(size).ok()) break;
    text.remove_prefix(size);
  }
  return status_;
}

absl::Status Tokenizer::Finish() {
  if (!status_.ok() || row_begin_ == size_ || state_ == State::kSkipping) return status_;
  if (state_ == State::kQuoted) {
    if (CheckLimits(size_)) {
      Fail(absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ", column ", ends_count_ + 1,
                                                   ": expected a closing quote, got the end of the file")));
    }
    return status_;
  }
  if (state_ == State::kQuoteSeen) {
    const size_t bad = FirstNonBlank(quote_ + 1, size_);
    if (bad < size_) {
      EndMalformed(size_, bad);
      return status_;
    }
    state_ = State::kPlain;
  }
  ReserveEnds();
  EndRow(size_, '\n');
  return status_;
}

void Tokenizer::ReserveEnds() {
  // A block has at most 64 delimiters; the end of the row is one more.
  if (ends_.size() < ends_count_ + kBlockBytes + 1) ends_.resize(2 * (ends_count_ + kBlockBytes + 1));
}

void Tokenizer::Scan() {
  while (scanned_ < size_) {
    const size_t block = scanned_;
    const size_t size = std::min(size_ - block, kBlockBytes);
    BlockMasks masks = FindSpecials(buffer_.get() + block, delimiter_);
    if (size < kBlockBytes) {
      const uint64_t valid = (uint64_t{1} << size) - 1;
      masks = {masks.delimiters & valid, masks.line_ends & valid, masks.quotes & valid};
    }
    ReserveEnds();
    bool ok = true;
    if (state_ == State::kPlain && masks.quotes == 0) {
      ok = TakePlainBlock(block, masks.delimiters, masks.line_ends, false);
    } else if (IsRegular(block, size, masks)) {
      ok = TakeRegularBlock(block, size, masks);
    } else {
      ok = TakeBlock(block, masks.delimiters | masks.line_ends | masks.quotes);
    }
    if (!ok) return;
    scanned_ = block + size;
    if (ends_count_ > max_columns_ && !CheckLimits(scanned_)) return;
  }
}

// Whether all quotes of the block open a cell at its first byte, close one at its last, or are doubled, and no line
// ends are quoted. Then those between two quotes can be told with a few operations on the whole block.
bool Tokenizer::IsRegular(size_t block, size_t size, const BlockMasks& masks) const {
  if (state_ == State::kSkipping || (state_ == State::kQuoteSeen && quote_ + 1 != block)) return false;
  const uint64_t inside = InsideQuotes(masks.quotes, state_ == State::kQuoted);
  const uint64_t valid = size < kBlockBytes ? (uint64_t{1} << size) - 1 : ~uint64_t{0};
  if ((masks.line_ends & inside) != 0) return false;
  const uint64_t opening = masks.quotes & inside;
  const uint64_t closing = masks.quotes & ~inside;
  const uint64_t separators = masks.delimiters | masks.line_ends;
  const bool after_quote = state_ == State::kQuoteSeen;
  const bool may_open = after_quote || (state_ == State::kPlain && CellBegin() == block);
  const uint64_t may_open_at = (((separators & ~inside) | closing) << 1) | (may_open ? 1 : 0);
  const uint64_t after_closing = ((closing << 1) | (after_quote ? 1 : 0)) & valid;
  return (opening & ~may_open_at) == 0 && (after_closing & ~(separators | masks.quotes)) == 0;
}

bool Tokenizer::TakeRegularBlock(size_t block, size_t size, const BlockMasks& masks) {
  const uint64_t inside = InsideQuotes(masks.quotes, state_ == State::kQuoted);
  const uint64_t closing = masks.quotes & ~inside;
  row_quoted_ = true;
  // Conservative: rows of the block that have none are only looked at twice.
  row_doubled_ = row_doubled_ || (((closing << 1) | (state_ == State::kQuoteSeen ? 1 : 0)) & masks.quotes) != 0;
  if (!TakePlainBlock(block, masks.delimiters & ~inside, masks.line_ends, true)) return false;
  const uint64_t last = uint64_t{1} << (size - 1);
  state_ = State::kPlain;
  if ((inside & last) != 0) state_ = State::kQuoted;
  if ((closing & last) != 0) {
    state_ = State::kQuoteSeen;
    quote_ = block + size - 1;
  }
  return true;
}

// A block of which the delimiters and line ends outside of quotes are known. False: stop.
bool Tokenizer::TakePlainBlock(size_t block, uint64_t delimiters, uint64_t line_ends, bool quoted) {
  const bool doubled = row_doubled_;
  while (line_ends != 0) {
    const int end = __builtin_ctzll(line_ends);
    const uint64_t before = delimiters & ((uint64_t{1} << end) - 1);
    TakeDelimiters(block, before);
    delimiters ^= before;
    const size_t position = block + static_cast<size_t>(end);
    if (!EndRow(position, buffer_[position])) return false;
    line_ends &= line_ends - 1;
    row_quoted_ = quoted;
    row_doubled_ = quoted && doubled;
  }
  TakeDelimiters(block, delimiters);
  return true;
}

void Tokenizer::TakeDelimiters(size_t block, uint64_t delimiters) {
  // From the beginning of the row, which may be before the block.
  const size_t offset = block - row_begin_;
  size_t* end = ends_.data() + ends_count_;
  while (delimiters != 0) {
    *end++ = offset + static_cast<size_t>(__builtin_ctzll(delimiters));
    delimiters &= delimiters - 1;
  }
  ends_count_ = static_cast<size_t>(end - ends_.data());
}

bool Tokenizer::TakeBlock(size_t block, uint64_t specials) {
  while (specials != 0) {
    if (!TakeSpecial(block + static_cast<size_t>(__builtin_ctzll(specials)))) return false;
    specials &= specials - 1;
  }
  return true;
}

bool Tokenizer::TakeSpecial(size_t position) {
  const char c = buffer_[position];
  switch (state_) {
    case State::kPlain:
      if (c == '"') {
        if (FirstNonBlank(CellBegin(), position) == position) {
          state_ = State::kQuoted;
          row_quoted_ = true;
        }
        return true;
      }
      if (IsLineEnd(c)) return EndRow(position, c);
      ends_[ends_count_++] = position - row_begin_;
      return true;
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteSeen;
        quote_ = position;
      } else if (c == '\r' || (c == '\n' && buffer_[position - 1] != '\r')) {
        ++line_;
      }
      return true;
    case State::kQuoteSeen: {
      if (c == '"' && position == quote_ + 1) {
        state_ = State::kQuoted;
        row_doubled_ = true;
        return true;
      }
      const size_t bad = FirstNonBlank(quote_ + 1, position);
      if (bad < position || c == '"') return EndMalformed(position, bad);
      state_ = State::kPlain;
      if (IsLineEnd(c)) return EndRow(position, c);
      ends_[ends_count_++] = position - row_begin_;
      return true;
    }
    case State::kSkipping:
      if (!IsLineEnd(c)) return true;
      state_ = State::kPlain;
      BeginRowAfter(position, c);
      return true;
  }
  return true;
}

bool Tokenizer::EndRow(size_t position, char c) {
  if (position == row_begin_ && after_cr_ && c == '\n') {
    row_begin_ = position + 1;
    after_cr_ = false;
    return true;
  }
  if (ends_count_ == 0 && FirstNonBlank(row_begin_, position) == position) {
    if (!CheckLimits(position)) return false;
    if (absl::Status status = sink_->OnBlank(row_line_); !status.ok()) return Fail(std::move(status));
  } else {
    if (position - row_begin_ > std::min(max_cell_bytes_, max_row_bytes_) || ends_count_ >= max_columns_) {
      if (!CheckLimits(position)) return false;
    }
    ends_[ends_count_++] = position - row_begin_;
    if (absl::Status status = HandOver(); !status.ok()) return Fail(std::move(status));
  }
  BeginRowAfter(position, c);
  return true;
}

bool Tokenizer::EndMalformed(size_t position, size_t bad) {
  if (!CheckLimits(position)) return false;
  const auto got = static_cast<unsigned char>(buffer_[bad]);
  const std::string shown = got < 0x80 ? absl::StrCat("\"", absl::string_view(&buffer_[bad], 1), "\"")
                                       : absl::StrCat("byte 0x", absl::Hex(got, absl::kZeroPad2));
  const MalformedRow row{row_line_, static_cast<int64_t>(ends_count_) + 1,
                         absl::StrCat("expected a delimiter or a line end after the closing quote, got ", shown),
                         absl::string_view(buffer_.get() + row_begin_, bad - row_begin_)};
  if (absl::Status status = sink_->OnMalformed(row); !status.ok()) return Fail(std::move(status));
  state_ = State::kSkipping;
  ends_count_ = 0;
  row_quoted_ = false;
  row_doubled_ = false;
  if (position < size_ && IsLineEnd(buffer_[position])) {
    state_ = State::kPlain;
    BeginRowAfter(position, buffer_[position]);
  }
  return true;
}

void Tokenizer::BeginRowAfter(size_t position, char line_end) {
  row_begin_ = position < size_ ? position + 1 : size_;
  after_cr_ = line_end == '\r';
  row_quoted_ = false;
  row_doubled_ = false;
  ends_count_ = 0;
  row_line_ = ++line_;
}

absl::Status Tokenizer::HandOver() {
  const char* const row = buffer_.get() + row_begin_;
  const size_t count = ends_count_;
  const size_t size = ends_[count - 1];
  if (cells_.size() != count) cells_.resize(count);
  if (row_doubled_) {
    unquoted_.clear();
    // Views into it must stay valid.
    unquoted_.reserve(size);
  }
  size_t begin = 0;
  for (size_t i = 0; i < count; ++i) {
    size_t first = begin;
    size_t last = ends_[i];
    begin = last + 1;
    // Almost no cell has blanks around it.
    while (first < last && static_cast<unsigned char>(row[first]) <= ' ' && IsBlank(row[first])) ++first;
    while (first < last && static_cast<unsigned char>(row[last - 1]) <= ' ' && IsBlank(row[last - 1])) --last;
    cells_[i] = absl::string_view(row + first, last - first);
    if (row_quoted_ && first < last && row[first] == '"') cells_[i] = QuotedCell(cells_[i]);
  }
  return sink_->OnRow({row_line_, cells_, absl::string_view(row, size)});
}

// cell: with its quotes. The result lives in the buffer, or in unquoted_ if quotes are doubled in it.
absl::string_view Tokenizer::QuotedCell(absl::string_view cell) {
  cell.remove_prefix(1);
  cell.remove_suffix(1);
  if (!row_doubled_) return cell;
  size_t quote = cell.find('"');
  if (quote == absl::string_view::npos) return cell;
  const size_t begin = unquoted_.size();
  while (quote != absl::string_view::npos) {
    unquoted_.append(cell.data(), quote + 1);
    cell.remove_prefix(quote + 2);
    quote = cell.find('"');
  }
  unquoted_.append(cell.data(), cell.size());
  return absl::string_view(unquoted_).substr(begin);
}

// Of the current row up to `position`. False: a limit was exceeded, and status_ says which.
bool Tokenizer::CheckLimits(size_t position) {
  absl::Status status = LimitExceeded(position - row_begin_);
  return status.ok() || Fail(std::move(status));
}

// Whatever was checked before or how the text was cut, it is the limit that the first byte beyond one exceeds.
absl::Status Tokenizer::LimitExceeded(size_t row_size) const {
  size_t begin = 0;
  for (size_t i = 0; i <= ends_count_; ++i) {
    const size_t end = i < ends_count_ ? ends_[i] : row_size;
    if (i == max_columns_) {
      return absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ": expected at most ", max_columns_,
                                                     " columns, got more: is the delimiter right?"));
    }
    if (end - begin > max_cell_bytes_ && begin + max_cell_bytes_ <= max_row_bytes_) {
      return absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ", column ", i + 1,
                                                     ": expected a cell of at most ", max_cell_bytes_,
                                                     " bytes, got more: is a quote left open?"));
    }
    if (end > max_row_bytes_) {
      return absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ": expected a row of at most ", max_row_bytes_,
                                                     " bytes, got more: is a line end missing?"));
    }
    begin = end + 1;
  }
  return absl::OkStatus();
}

bool Tokenizer::Fail(absl::Status status) {
  status_ = std::move(status);
  return false;
}

size_t Tokenizer::FirstNonBlank(size_t begin, size_t end) const {
  while (begin < end && IsBlank(buffer_[begin])) ++begin;
  return begin;
}

}  // namespace roicast
