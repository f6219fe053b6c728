#include "base/tables/bytes/legacy_encoding.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// Fewer bytes beyond ASCII show nothing.
constexpr int64_t kFewestHigh = 8;

// Bytes beyond ASCII, and the pairs that begin with one, as encodings of two bytes a character have them.
struct Counts {
  int64_t high = 0;
  // Those beside another one, but for those of words that Windows-1252 writes.
  int64_t beside = 0;
  // 0x80 to 0xA0: letters of Shift-JIS and GBK, and of no other encoding here.
  int64_t below_a1 = 0;
  int64_t from_c0 = 0;
  int64_t from_e0 = 0;
  int64_t pairs = 0;
  // Pairs by their first byte: Japanese kana in EUC-JP, Korean syllables in EUC-KR, and kana and kanji in Shift-JIS.
  int64_t kana = 0;
  int64_t syllables = 0;
  int64_t shifted = 0;
  // Pairs whose second byte is ASCII.
  int64_t low_second = 0;
};

// A letter of Windows-1252 beyond ASCII.
bool IsWesternLetter(unsigned char byte) {
  constexpr absl::string_view kBelowC0 = "\x83\x8A\x8C\x8E\x9A\x9C\x9E\x9F\xAA\xBA";
  return (byte >= 0xC0 && byte != 0xD7 && byte != 0xF7) || absl::StrContains(kBelowC0, static_cast<char>(byte));
}

// Of a word, how many of its bytes stand side by side beyond ASCII as they do in languages of Windows-1252: among Latin
// letters, and never many, as in größer, promoções, créée and määrä. Other scripts have words of their own.
int64_t WesternBeside(absl::string_view word) {
  constexpr int kLongestRun = 3;
  int64_t high = 0, beside = 0;
  int run = 0;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      run = 0;
      continue;
    }
    if (!IsWesternLetter(byte) || ++run > kLongestRun) return 0;
    ++high;
    beside += run == 1 ? 0 : run == 2 ? 2 : 1;
  }
  const auto latin = static_cast<int64_t>(word.size()) - high;
  return latin * 2 >= high ? beside : 0;
}

// The same of all words of a text.
int64_t CountWesternBeside(absl::string_view text) {
  int64_t beside = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const unsigned char byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    if (byte >= 0x80 || absl::ascii_isalpha(byte)) continue;
    beside += WesternBeside(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return beside;
}

Counts CountBytes(absl::string_view text) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  Counts counts;
  for (size_t i = 0; i < text.size(); ++i) {
    if (byte(i) < 0x80) continue;
    ++counts.high;
    counts.beside += (i > 0 && byte(i - 1) >= 0x80) || byte(i + 1) >= 0x80 ? 1 : 0;
    counts.below_a1 += byte(i) <= 0xA0 ? 1 : 0;
    counts.from_c0 += byte(i) >= 0xC0 ? 1 : 0;
    counts.from_e0 += byte(i) >= 0xE0 ? 1 : 0;
  }
  counts.beside -= CountWesternBeside(text);
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (byte(i) < 0x80 || byte(i + 1) < 0x40) continue;
    ++counts.pairs;
    counts.kana += byte(i) == 0xA4 || byte(i) == 0xA5 ? 1 : 0;
    counts.syllables += byte(i) >= 0xB0 && byte(i) <= 0xC8 ? 1 : 0;
    counts.shifted += byte(i) >= 0x81 && byte(i) <= 0x9F ? 1 : 0;
    counts.low_second += byte(i + 1) < 0x80 ? 1 : 0;
    ++i;
  }
  return counts;
}

struct Legacy {
  absl::string_view what;
  // As iconv calls it.
  absl::string_view name;
};

Legacy Guess(const Counts& counts) {
  if (counts.from_c0 * 10 >= counts.high * 9 && counts.from_e0 * 2 >= counts.high) {
    return {"Cyrillic (Windows-1251)", "WINDOWS-1251"};
  }
  if (counts.shifted * 3 >= counts.pairs) return {"Japanese (Shift-JIS)", "SHIFT_JIS"};
  if (counts.kana * 5 >= counts.pairs) return {"Japanese (EUC-JP)", "EUC-JP"};
  if (counts.low_second * 6 >= counts.pairs && counts.below_a1 == 0) return {"Chinese (Big5)", "BIG5"};
  if (counts.syllables * 10 >= counts.pairs * 9) return {"Korean (EUC-KR)", "CP949"};
  return {"Chinese (GBK)", "GBK"};
}

// How many bytes beyond ASCII are of two-byte characters of UTF-8, with ASCII around them.
int64_t CountUtf8(absl::string_view text) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  int64_t bytes = 0;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (byte(end) >= 0x80) ++end;
    bool valid = (end - begin) % 2 == 0;
    for (size_t i = begin; i + 1 < end && valid; i += 2) {
      valid = byte(i) >= 0xC2 && byte(i) < 0xE0 && byte(i + 1) < 0xC0;
    }
    if (valid) bytes += static_cast<int64_t>(end - begin);
    begin = end + 1;
  }
  return bytes;
}

}  // namespace

absl::Status RefuseLegacyEncoding(absl::string_view text) {
  const Counts counts = CountBytes(text);
  if (counts.high < kFewestHigh || counts.beside * 2 <= counts.high) return absl::OkStatus();
  // By chance, hardly any pair of GBK or the like is one of UTF-8.
  if (CountUtf8(text) * 3 >= counts.high) {
    return absl::InvalidArgumentError(
        "expected text in one encoding, got text of which parts look like UTF-8 and others like Windows-1252, as where "
        "files of both were joined: convert the parts before they are joined, or save the text as UTF-8; --encoding "
        "utf-8 "
        "reads it with the other characters damaged");
  }
  const Legacy guess = Guess(counts);
  return absl::InvalidArgumentError(
      absl::StrCat("expected text in UTF-8, UTF-16 or Windows-1252, got text that looks ", guess.what,
                   ": convert it, such as with iconv -f ", guess.name,
                   " -t UTF-8, or save it as UTF-8; --encoding windows-1252 reads it as it is"));
}

}  // namespace roicast
