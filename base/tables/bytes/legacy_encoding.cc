#include "base/tables/bytes/legacy_encoding.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// Fewer bytes beyond ASCII show nothing.
constexpr int64_t kFewestHigh = 8;

// Bytes beyond ASCII, and the pairs that begin with one, as encodings of two bytes a character have them.
struct Counts {
  int64_t high = 0;
  // Those beside another one.
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

}  // namespace

absl::Status RefuseLegacyEncoding(absl::string_view text) {
  const Counts counts = CountBytes(text);
  if (counts.high < kFewestHigh || counts.beside * 2 <= counts.high) return absl::OkStatus();
  const Legacy guess = Guess(counts);
  return absl::InvalidArgumentError(
      absl::StrCat("expected text in UTF-8, UTF-16 or Windows-1252, got text that looks ", guess.what,
                   ": convert it, such as with iconv -f ", guess.name,
                   " -t UTF-8, or save it as UTF-8; --encoding windows-1252 reads it as it is"));
}

}  // namespace roicast
