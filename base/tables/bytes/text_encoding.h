// Text in the encodings that tables come in: told apart, read into UTF-8, and written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"

namespace roicast {

// What the first bytes of a text show.
struct EncodingGuess {
  Encoding encoding = Encoding::kUtf8;
  bool byte_order_mark = false;
  // Whether NUL bytes show that it is no text in any of the encodings.
  bool binary = false;
};
// whole: whether `start` is the whole text, so that a character cut off at its end is damage.
EncodingGuess GuessEncoding(absl::string_view start, bool whole);
// The length in bytes of the byte order mark of this encoding with which the text begins; 0: none.
size_t ByteOrderMarkSize(absl::string_view start, Encoding encoding);

// Turns a stream of bytes into valid UTF-8. Damaged characters become U+FFFD and are counted. Not thread-safe.
class TextDecoder {
 public:
  // can_change: the encoding is a guess. If all bytes so far were ASCII and one comes that is not UTF-8, the rest is
  // read as Windows-1252; if all were in Latin-1 and one comes that Windows-1252 has not, as Latin-1. What was decoded
  // before would have been the same.
  TextDecoder(Encoding encoding, bool can_change) : encoding_(encoding), can_change_(can_change) {}

  // The most bytes that Decode can write for `bytes` of input.
  static size_t MaxSize(size_t bytes) { return 3 * (bytes + 4); }
  // Decodes the next bytes, split at any position, to `to`, which has room for MaxSize of them; returns the end of what
  // was written. last: no more bytes follow, so that an incomplete character is damage.
  char* Decode(absl::string_view bytes, bool last, char* to);

  Encoding encoding() const { return encoding_; }
  // Characters so far that stand for damaged bytes.
  int64_t damaged() const { return damaged_; }
  // NUL characters so far.
  int64_t nuls() const { return nuls_; }
  // Characters beyond ASCII so far that were valid UTF-8.
  int64_t multibyte() const { return multibyte_; }

 private:
  char* DecodeUtf8(absl::string_view bytes, bool last, char* to);
  char* DecodeUtf16(absl::string_view bytes, bool last, char* to);
  char* DecodeOneByte(absl::string_view bytes, char* to);
  char* TakePartUtf8(absl::string_view& bytes, bool last, char* to);
  char* PutUtf16Unit(uint32_t unit, char* to);

  Encoding encoding_;
  const bool can_change_;
  int64_t damaged_ = 0;
  int64_t nuls_ = 0;
  int64_t multibyte_ = 0;
  // Characters of 0x80 to 0x9F, in which Windows-1252 and Latin-1 differ.
  int64_t windows_only_ = 0;
  // Bytes of a character whose rest has not come.
  char part_[4] = {};
  size_t part_size_ = 0;
  // The first half of a UTF-16 pair; 0: none.
  uint32_t high_surrogate_ = 0;
};

// Appends valid UTF-8 text in another encoding. A character that the encoding does not have is written as \u{1F600}
// with its code point. Returns how many there were.
int64_t AppendEncoded(absl::string_view utf8, Encoding encoding, std::string* out);
// The bytes that mark the beginning of a text in this encoding; empty where there are none.
absl::string_view ByteOrderMark(Encoding encoding);

}  // namespace roicast
