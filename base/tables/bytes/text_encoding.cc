#include "base/tables/bytes/text_encoding.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace roicast {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

// 0x80 to 0x9F (WHATWG Encoding Standard, index windows-1252); what Windows-1252 does not define stays a control
// character.
constexpr uint16_t kWindows1252[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                       0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

bool IsUndefinedInWindows1252(unsigned char c) { return c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D; }

char* PutUtf8(uint32_t point, char* to) {
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *to++ = static_cast<char>(0xC0 | (point >> 6));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *to++ = static_cast<char>(0xE0 | (point >> 12));
    *to++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | (point >> 18));
    *to++ = static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    *to++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return to;
}

// Copies what is ASCII without NUL, up to the first byte that is not; returns how many bytes.
size_t CopyPlain(const char* from, size_t size, char* to) {
  size_t i = 0;
#ifdef __SSE2__
  const __m128i zero = _mm_setzero_si128();
  for (; i + 16 <= size; i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    // Signed bytes above 0 are 0x01 to 0x7F.
    const int plain = _mm_movemask_epi8(_mm_cmpgt_epi8(block, zero));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), block);
    if (plain != 0xFFFF) return i + static_cast<size_t>(__builtin_ctz(~static_cast<unsigned>(plain)));
  }
#endif
  for (; i < size; ++i) {
    if (static_cast<signed char>(from[i]) <= 0) return i;
    to[i] = from[i];
  }
  return i;
}

// What a sequence of UTF-8 is, from its first bytes.
struct Sequence {
  enum class State { kValid, kInvalid, kIncomplete } state;
  // Of the valid character, or of the invalid start that is replaced (Unicode 15.0, 3.9, "maximal subpart").
  size_t size;
};

// size ≥ 1. RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Sequence ReadSequence(const char* text, size_t size) {
  using State = Sequence::State;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {State::kValid, 1};
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  size_t wanted = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    wanted = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    wanted = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    wanted = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return {State::kInvalid, 1};
  }
  for (size_t i = 1; i < wanted; ++i) {
    if (i == size) return {State::kIncomplete, size};
    if (byte(i) < low || byte(i) > high) return {State::kInvalid, i};
    low = 0x80;
    high = 0xBF;
  }
  return {State::kValid, wanted};
}

EncodingGuess GuessWithoutMark(absl::string_view start, bool whole) {
  EncodingGuess guess;
  // ASCII in UTF-16 has a zero in every other byte.
  int64_t zeros[2] = {0, 0};
  for (size_t i = 0; i < start.size(); ++i) zeros[i % 2] += start[i] == '\0' ? 1 : 0;
  if (zeros[0] + zeros[1] > 0) {
    const int64_t pairs = static_cast<int64_t>(start.size() / 2);
    const auto dominates = [pairs](int64_t many, int64_t few) { return many * 10 > pairs && few * 20 <= many; };
    if (dominates(zeros[1], zeros[0])) {
      guess.encoding = Encoding::kUtf16Le;
    } else if (dominates(zeros[0], zeros[1])) {
      guess.encoding = Encoding::kUtf16Be;
    } else {
      guess.binary = true;
    }
    return guess;
  }
  int64_t valid = 0;
  int64_t invalid = 0;
  bool undefined = false;
  for (size_t i = 0; i < start.size();) {
    if (static_cast<unsigned char>(start[i]) < 0x80) {
      ++i;
      continue;
    }
    const Sequence sequence = ReadSequence(start.data() + i, start.size() - i);
    if (sequence.state == Sequence::State::kIncomplete && !whole) break;
    const bool is_valid = sequence.state == Sequence::State::kValid;
    valid += is_valid ? 1 : 0;
    invalid += is_valid ? 0 : 1;
    for (size_t j = 0; j < sequence.size; ++j) {
      undefined = undefined || IsUndefinedInWindows1252(static_cast<unsigned char>(start[i + j]));
    }
    i += sequence.size;
  }
  // Pairs that happen to be valid UTF-8 are rare in other encodings; a few damaged characters are not rare in UTF-8.
  if (invalid == 0 || valid > 2 * invalid) return guess;
  guess.encoding = undefined ? Encoding::kLatin1 : Encoding::kWindows1252;
  return guess;
}

}  // namespace

absl::string_view ByteOrderMark(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return "\xEF\xBB\xBF";
    case Encoding::kUtf16Le:
      return "\xFF\xFE";
    case Encoding::kUtf16Be:
      return "\xFE\xFF";
    case Encoding::kWindows1252:
    case Encoding::kLatin1:
      return "";
  }
  return "";
}

size_t ByteOrderMarkSize(absl::string_view start, Encoding encoding) {
  const absl::string_view mark = ByteOrderMark(encoding);
  return absl::StartsWith(start, mark) ? mark.size() : 0;
}

EncodingGuess GuessEncoding(absl::string_view start, bool whole) {
  for (const Encoding encoding : {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kUtf16Be}) {
    if (ByteOrderMarkSize(start, encoding) > 0) return {encoding, true, false};
  }
  return GuessWithoutMark(start, whole);
}

char* TextDecoder::Decode(absl::string_view bytes, bool last, char* to) {
  switch (encoding_) {
    case Encoding::kUtf8:
      return DecodeUtf8(bytes, last, to);
    case Encoding::kUtf16Le:
    case Encoding::kUtf16Be:
      return DecodeUtf16(bytes, last, to);
    case Encoding::kWindows1252:
    case Encoding::kLatin1:
      return DecodeOneByte(bytes, to);
  }
  return to;
}

// Completes a character whose first bytes came before.
char* TextDecoder::TakePartUtf8(absl::string_view& bytes, bool last, char* to) {
  while (part_size_ > 0) {
    const Sequence sequence = ReadSequence(part_, part_size_);
    if (sequence.state == Sequence::State::kIncomplete) {
      if (!bytes.empty()) {
        part_[part_size_++] = bytes[0];
        bytes.remove_prefix(1);
        continue;
      }
      if (!last) return to;
    }
    const std::string part(part_, part_size_);
    part_size_ = 0;
    if (sequence.state == Sequence::State::kValid) {
      ++multibyte_;
      return std::copy(part.begin(), part.end(), to);
    }
    if (can_change_ && multibyte_ == 0 && damaged_ == 0) {
      encoding_ = Encoding::kWindows1252;
      return DecodeOneByte(part, to);
    }
    ++damaged_;
    to = PutUtf8(kReplacement, to);
    // The last byte may begin a character of its own.
    part_size_ = part.size() - sequence.size;
    std::memcpy(part_, part.data() + sequence.size, part_size_);
    if (part_size_ > 0 && static_cast<unsigned char>(part_[0]) < 0x80) {
      nuls_ += part_[0] == '\0' ? 1 : 0;
      *to++ = part_[0];
      part_size_ = 0;
    }
  }
  return to;
}

char* TextDecoder::DecodeUtf8(absl::string_view bytes, bool last, char* to) {
  to = TakePartUtf8(bytes, last, to);
  if (encoding_ != Encoding::kUtf8) return DecodeOneByte(bytes, to);
  while (!bytes.empty()) {
    const size_t plain = CopyPlain(bytes.data(), bytes.size(), to);
    to += plain;
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    if (bytes[0] == '\0') {
      ++nuls_;
      *to++ = '\0';
      bytes.remove_prefix(1);
      continue;
    }
    const Sequence sequence = ReadSequence(bytes.data(), bytes.size());
    if (sequence.state == Sequence::State::kValid) {
      ++multibyte_;
      std::memcpy(to, bytes.data(), sequence.size);
      to += sequence.size;
    } else if (sequence.state == Sequence::State::kIncomplete && !last) {
      std::memcpy(part_, bytes.data(), sequence.size);
      part_size_ = sequence.size;
    } else if (can_change_ && multibyte_ == 0 && damaged_ == 0) {
      encoding_ = Encoding::kWindows1252;
      return DecodeOneByte(bytes, to);
    } else {
      ++damaged_;
      to = PutUtf8(kReplacement, to);
    }
    bytes.remove_prefix(sequence.size);
  }
  return to;
}

char* TextDecoder::DecodeOneByte(absl::string_view bytes, char* to) {
  while (!bytes.empty()) {
    const size_t plain = CopyPlain(bytes.data(), bytes.size(), to);
    to += plain;
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    const auto c = static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
    if (c == 0) ++nuls_;
    if (c < 0x80 || c > 0x9F) {
      to = PutUtf8(c, to);
      continue;
    }
    if (can_change_ && encoding_ == Encoding::kWindows1252 && windows_only_ == 0 && IsUndefinedInWindows1252(c)) {
      encoding_ = Encoding::kLatin1;
    }
    ++windows_only_;
    to = PutUtf8(encoding_ == Encoding::kWindows1252 ? kWindows1252[c - 0x80] : c, to);
  }
  return to;
}

char* TextDecoder::PutUtf16Unit(uint32_t unit, char* to) {
  if (high_surrogate_ != 0) {
    const uint32_t high = high_surrogate_;
    high_surrogate_ = 0;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return PutUtf8(0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00), to);
    ++damaged_;
    to = PutUtf8(kReplacement, to);
  }
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    high_surrogate_ = unit;
    return to;
  }
  if (unit >= 0xDC00 && unit <= 0xDFFF) {
    ++damaged_;
    unit = kReplacement;
  }
  if (unit == 0) ++nuls_;
  return PutUtf8(unit, to);
}

char* TextDecoder::DecodeUtf16(absl::string_view bytes, bool last, char* to) {
  const bool little = encoding_ == Encoding::kUtf16Le;
  const auto unit = [little](char first, char second) {
    const auto a = static_cast<unsigned char>(first);
    const auto b = static_cast<unsigned char>(second);
    return little ? static_cast<uint32_t>(a | (b << 8)) : static_cast<uint32_t>((a << 8) | b);
  };
  if (part_size_ == 1 && !bytes.empty()) {
    to = PutUtf16Unit(unit(part_[0], bytes[0]), to);
    bytes.remove_prefix(1);
    part_size_ = 0;
  }
  size_t i = 0;
  for (; i + 2 <= bytes.size(); i += 2) {
    const uint32_t value = unit(bytes[i], bytes[i + 1]);
    if (value > 0 && value < 0x80 && high_surrogate_ == 0) {
      *to++ = static_cast<char>(value);
    } else {
      to = PutUtf16Unit(value, to);
    }
  }
  if (i < bytes.size()) {
    part_[0] = bytes[i];
    part_size_ = 1;
  }
  if (last && (part_size_ > 0 || high_surrogate_ != 0)) {
    ++damaged_;
    part_size_ = 0;
    high_surrogate_ = 0;
    to = PutUtf8(kReplacement, to);
  }
  return to;
}

namespace {

void AppendUtf16Unit(uint32_t unit, bool little, std::string* out) {
  const char low = static_cast<char>(unit & 0xFF);
  const char high = static_cast<char>(unit >> 8);
  out->push_back(little ? low : high);
  out->push_back(little ? high : low);
}

void AppendUtf16(uint32_t point, bool little, std::string* out) {
  if (point < 0x10000) return AppendUtf16Unit(point, little, out);
  point -= 0x10000;
  AppendUtf16Unit(0xD800 + (point >> 10), little, out);
  AppendUtf16Unit(0xDC00 + (point & 0x3FF), little, out);
}

// False: the encoding does not have the character.
bool AppendOneByte(uint32_t point, Encoding encoding, std::string* out) {
  if (encoding == Encoding::kWindows1252) {
    for (size_t i = 0; i < 32; ++i) {
      if (kWindows1252[i] != point) continue;
      out->push_back(static_cast<char>(0x80 + i));
      return true;
    }
    if (point >= 0x80 && point <= 0x9F) return false;
  }
  if (point > 0xFF) return false;
  out->push_back(static_cast<char>(point));
  return true;
}

uint32_t PointOf(absl::string_view sequence) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(sequence[i])); };
  switch (sequence.size()) {
    case 1:
      return byte(0);
    case 2:
      return ((byte(0) & 0x1F) << 6) | (byte(1) & 0x3F);
    case 3:
      return ((byte(0) & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    default:
      return ((byte(0) & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) | (byte(3) & 0x3F);
  }
}

}  // namespace

int64_t AppendEncoded(absl::string_view utf8, Encoding encoding, std::string* out) {
  if (encoding == Encoding::kUtf8) {
    out->append(utf8.data(), utf8.size());
    return 0;
  }
  const bool is_utf16 = encoding == Encoding::kUtf16Le || encoding == Encoding::kUtf16Be;
  int64_t unknown = 0;
  for (size_t i = 0; i < utf8.size();) {
    const Sequence sequence = ReadSequence(utf8.data() + i, utf8.size() - i);
    const bool valid = sequence.state == Sequence::State::kValid;
    const uint32_t point = valid ? PointOf(utf8.substr(i, sequence.size)) : kReplacement;
    i += sequence.size;
    if (is_utf16) {
      AppendUtf16(point, encoding == Encoding::kUtf16Le, out);
    } else if (!AppendOneByte(point, encoding, out)) {
      ++unknown;
      absl::StrAppendFormat(out, "\\u{%X}", point);
    }
  }
  return unknown;
}

}  // namespace roicast
