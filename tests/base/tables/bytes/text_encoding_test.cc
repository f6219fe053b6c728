#include "base/tables/bytes/text_encoding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"

namespace roicast {
namespace {

using std::string_literals::operator""s;

struct Decoded {
  std::string text;
  Encoding encoding;
  int64_t damaged;
};

Decoded Decode(absl::string_view bytes, Encoding encoding, bool can_change = false, size_t piece = std::string::npos) {
  TextDecoder decoder(encoding, can_change);
  Decoded decoded;
  do {
    const absl::string_view next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    std::string room(TextDecoder::MaxSize(next.size()), '\0');
    char* end = decoder.Decode(next, bytes.empty(), room.data());
    decoded.text.append(room.data(), end);
  } while (!bytes.empty());
  decoded.encoding = decoder.encoding();
  decoded.damaged = decoder.damaged();
  return decoded;
}

TEST(TextEncoding, IsToldByMarksZerosAndBytes) {
  const auto guess = [](absl::string_view text) { return GuessEncoding(text, true); };
  EXPECT_EQ(guess("a,b\n").encoding, Encoding::kUtf8);
  EXPECT_FALSE(guess("a,b\n").byte_order_mark);
  EXPECT_TRUE(guess("\xEF\xBB\xBF"
                    "a,b")
                  .byte_order_mark);
  EXPECT_EQ(guess("\xFF\xFE"
                  "a\0"s)
                .encoding,
            Encoding::kUtf16Le);
  EXPECT_EQ(guess("\xFE\xFF\0a"s).encoding, Encoding::kUtf16Be);
  EXPECT_EQ(guess("a\0,\0b\0\n\0"s).encoding, Encoding::kUtf16Le);
  EXPECT_EQ(guess("\0a\0,\0b\0\n"s).encoding, Encoding::kUtf16Be);
  EXPECT_EQ(guess("r\xC3\xA9gion\n").encoding, Encoding::kUtf8);
  EXPECT_EQ(guess("r\xE9gion\n").encoding, Encoding::kWindows1252);
  EXPECT_EQ(guess("r\xE9gion \x80\n").encoding, Encoding::kWindows1252);
  EXPECT_EQ(guess("r\xE9gion \x81\n").encoding, Encoding::kLatin1);
  EXPECT_TRUE(guess("a\0\0\x01\x02\0b\0\0\0"s).binary);
}

TEST(TextEncoding, ACutCharacterAtTheEndOfASampleIsNoDamage) {
  EXPECT_EQ(GuessEncoding("r\xC3", false).encoding, Encoding::kUtf8);
  EXPECT_EQ(GuessEncoding("r\xC3", true).encoding, Encoding::kWindows1252);
}

TEST(TextEncoding, OneDamagedCharacterAmongGoodOnesStaysUtf8) {
  const std::string text = "\xC3\xA9\xC3\xA9\xC3\xA9\xE9,1\n";
  EXPECT_EQ(GuessEncoding(text, true).encoding, Encoding::kUtf8);
  const Decoded decoded = Decode(text, Encoding::kUtf8, true);
  EXPECT_EQ(decoded.text, "\xC3\xA9\xC3\xA9\xC3\xA9\xEF\xBF\xBD,1\n");
  EXPECT_EQ(decoded.damaged, 1);
}

TEST(TextEncoding, ReadsWindows1252AndLatin1) {
  EXPECT_EQ(Decode("\x80 \x93r\xE9gion\x94", Encoding::kWindows1252).text,
            "\xE2\x82\xAC \xE2\x80\x9Cr\xC3\xA9gion\xE2\x80\x9D");
  EXPECT_EQ(Decode("r\xE9gion\x80", Encoding::kLatin1).text, "r\xC3\xA9gion\xC2\x80");
}

TEST(TextEncoding, AGuessChangesWhereNothingReadBeforeWouldHaveDiffered) {
  Decoded decoded = Decode("plain, r\xE9gion", Encoding::kUtf8, true);
  EXPECT_EQ(decoded.encoding, Encoding::kWindows1252);
  EXPECT_EQ(decoded.text, "plain, r\xC3\xA9gion");
  decoded = Decode("plain, r\xE9gion \x81 \x80", Encoding::kUtf8, true);
  EXPECT_EQ(decoded.encoding, Encoding::kLatin1);
  EXPECT_EQ(decoded.text, "plain, r\xC3\xA9gion \xC2\x81 \xC2\x80");
  decoded = Decode("plain, r\xE9gion", Encoding::kUtf8, false);
  EXPECT_EQ(decoded.encoding, Encoding::kUtf8);
  EXPECT_EQ(decoded.text, "plain, r\xEF\xBF\xBDgion");
}

TEST(TextEncoding, ReadsUtf16WithPairsAndDamage) {
  EXPECT_EQ(Decode("\x3D\xD8\x00\xDE!\0"s, Encoding::kUtf16Le).text, "\xF0\x9F\x98\x80!");
  EXPECT_EQ(Decode("\xD8\x3D\xDE\x00\0!"s, Encoding::kUtf16Be).text, "\xF0\x9F\x98\x80!");
  const Decoded decoded = Decode("\x3D\xD8!\0\x00\xDE?"s, Encoding::kUtf16Le);
  EXPECT_EQ(decoded.text, "\xEF\xBF\xBD!\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoded.damaged, 3);
}

TEST(TextEncoding, CutsAnywhereGiveTheSameText) {
  Random random(5);
  const std::string alphabet = "a,\n\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xE9\x80\xFF\x81"s;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (size_t i = random.Below(30); i > 0; --i) text.push_back(alphabet[random.Below(alphabet.size())]);
    for (const Encoding encoding :
         {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kUtf16Be, Encoding::kWindows1252, Encoding::kLatin1}) {
      const bool can_change = random.Below(2) == 0;
      const Decoded whole = Decode(text, encoding, can_change);
      const Decoded pieces = Decode(text, encoding, can_change, 1 + random.Below(4));
      ASSERT_EQ(whole.text, pieces.text);
      ASSERT_EQ(whole.damaged, pieces.damaged);
      ASSERT_EQ(whole.encoding, pieces.encoding);
    }
  }
}

TEST(TextEncoding, WritesWhatItReads) {
  const std::string text = "r\xC3\xA9gion \xE2\x82\xAC \xF0\x9F\x98\x80";
  for (const Encoding encoding : {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kUtf16Be}) {
    std::string bytes;
    EXPECT_EQ(AppendEncoded(text, encoding, &bytes), 0);
    EXPECT_EQ(Decode(bytes, encoding).text, text);
  }
  std::string bytes;
  EXPECT_EQ(AppendEncoded(text, Encoding::kWindows1252, &bytes), 1);
  EXPECT_EQ(bytes, "r\xE9gion \x80 \\u{1F600}");
  bytes.clear();
  EXPECT_EQ(AppendEncoded(text, Encoding::kLatin1, &bytes), 2);
  EXPECT_EQ(bytes, "r\xE9gion \\u{20AC} \\u{1F600}");
  // Each byte of the one-byte encodings comes back.
  for (int c = 1; c < 256; ++c) {
    for (const Encoding encoding : {Encoding::kWindows1252, Encoding::kLatin1}) {
      const std::string byte(1, static_cast<char>(c));
      std::string back;
      EXPECT_EQ(AppendEncoded(Decode(byte, encoding).text, encoding, &back), 0) << c;
      EXPECT_EQ(back, byte);
    }
  }
}

}  // namespace
}  // namespace roicast
