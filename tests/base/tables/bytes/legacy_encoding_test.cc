#include "base/tables/bytes/legacy_encoding.h"

#include <string>

#include "gtest/gtest.h"

namespace roicast {
namespace {

TEST(LegacyEncoding, SaysWhatItLooksLikeAndHowToConvertIt) {
  struct Case {
    const char* text;
    const char* what;
    const char* name;
  };
  const Case cases[] = {
      // 广告系列,消费,转化价值,渠道
      {"\xB9\xE3\xB8\xE6\xCF\xB5\xC1\xD0,\xCF\xFB\xB7\xD1,\xD7\xAA\xBB\xAF\xBC\xDB\xD6\xB5,\xC7\xFE\xB5\xC0\n",
       "Chinese (GBK)", "GBK"},
      // 廣告活動,花費,轉換價值,管道
      {"\xBC\x73\xA7\x69\xAC\xA1\xB0\xCA,\xAA\xE1\xB6\x4F,\xC2\xE0\xB4\xAB\xBB\xF9\xAD\xC8,\xBA\xDE\xB9\x44\n",
       "Chinese (Big5)", "BIG5"},
      // キャンペーン,費用,売上
      {"\x83\x4C\x83\x83\x83\x93\x83\x79\x81\x5B\x83\x93,\x94\xEF\x97\x70,\x94\x84\x8F\xE3\n", "Japanese (Shift-JIS)",
       "SHIFT_JIS"},
      // キャンペーン,費用
      {"\xA5\xAD\xA5\xE3\xA5\xF3\xA5\xDA\xA1\xBC\xA5\xF3,\xC8\xF1\xCD\xD1\n", "Japanese (EUC-JP)", "EUC-JP"},
      // 캠페인,비용,매출,채널
      {"\xC4\xB7\xC6\xE4\xC0\xCE,\xBA\xF1\xBF\xEB,\xB8\xC5\xC3\xE2,\xC3\xA4\xB3\xCE\n", "Korean (EUC-KR)", "CP949"},
      // Кампания,Расход,Доход
      {"\xCA\xE0\xEC\xEF\xE0\xED\xE8\xFF,\xD0\xE0\xF1\xF5\xEE\xE4,\xC4\xEE\xF5\xEE\xE4\n", "Cyrillic (Windows-1251)",
       "WINDOWS-1251"},
  };
  for (const Case& c : cases) {
    const absl::Status status = RefuseLegacyEncoding(c.text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()),
              std::string("expected text in UTF-8, UTF-16 or Windows-1252, got text that looks ") + c.what +
                  ": convert it, such as with iconv -f " + c.name +
                  " -t UTF-8, or save it as UTF-8; --encoding windows-1252 reads it as it is");
  }
}

// Read as Chinese: é beside ß, in each encoding.
TEST(LegacyEncoding, TellsPartsOfTwoEncodings) {
  std::string text;
  for (int i = 0; i < 5; ++i) text += "Gro\xDF\xE9,G\xC3\xA9rman,Gro\xC3\x9F\xC3\xA9,G\xE9rman\n";
  const absl::Status status = RefuseLegacyEncoding(text);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      std::string(status.message()),
      "expected text in one encoding, got text of which parts look like UTF-8 and others like Windows-1252, as where "
      "files of both were joined: convert the parts before they are joined, or save the text as UTF-8; --encoding "
      "utf-8 reads it with the other characters damaged");
}

TEST(LegacyEncoding, TakesTextOfWindows1252) {
  for (const char* text : {"D\xE9pense,R\xE9gion,Cr\xE9"
                           "ation,\xC9t\xE9,No\xEBl,\xC0 propos,Fran\xE7ois,b\xE9n\xE9"
                           "fice",
                           "Stra\xDF"
                           "e,K\xF6ln,M\xFCnchen,Gr\xF6\xDF"
                           "e,Geb\xFChr,\xC4nderung,\xD6l,\xDC"
                           "bung,F\xFC\xDF"
                           "e",
                           "1\xA0"
                           "234,50 \x80;2\xA0"
                           "345,60 \x80;3\xA0"
                           "456,70 \x80;4\xA0"
                           "567,80 \x80",
                           "\xE9\xE8\xEA\xEB",
                           // größer;Größe;Süß;über;äußere;größer
                           "gr\xF6\xDF"
                           "er;Gr\xF6\xDF"
                           "e;S\xFC\xDF;\xFC"
                           "ber;\xE4u\xDF"
                           "ere;gr\xF6\xDF"
                           "er",
                           // promoções;ação;criação;localização
                           "promo\xE7\xF5"
                           "es;a\xE7\xE3o;cria\xE7\xE3o;localiza\xE7\xE3o",
                           // Päivämäärä;Määrä;Myöhään;Lähde
                           "P\xE4iv\xE4m\xE4\xE4r\xE4;M\xE4\xE4r\xE4;My\xF6h\xE4\xE4n;L\xE4hde"}) {
    EXPECT_TRUE(RefuseLegacyEncoding(text).ok()) << text;
  }
}

// Words of another script have no Latin letters, though some words beside them do.
TEST(LegacyEncoding, RecognisesOtherScriptsAmongLatinWords) {
  for (const char* text : {// Кампания,Cost,CTR,Поиск
                           "\xCA\xE0\xEC\xEF\xE0\xED\xE8\xFF,Cost,CTR,\xCF\xEE\xE8\xF1\xEA\n",
                           // IT-отдел,SMM_Москва,Google Ads поиск
                           "IT-\xEE\xF2\xE4\xE5\xEB,SMM_\xCC\xEE\xF1\xEA\xE2\xE0,Google Ads \xEF\xEE\xE8\xF1\xEA\n",
                           // Καμπάνια,Έξοδα of Windows-1253
                           "\xCA\xE1\xEC\xF0\xDC\xED\xE9\xE1,\xB8\xEE\xEF\xE4\xE1\n",
                           // 廣告Ad,花費USD
                           "\xBC\x73\xA7\x69\xAC\xA1\xB0\xCA"
                           "Ad,\xAA\xE1\xB6\x4F"
                           "USD,\xC2\xE0\xB4\xAB\n"}) {
    EXPECT_FALSE(RefuseLegacyEncoding(text).ok()) << text;
  }
}

}  // namespace
}  // namespace roicast
