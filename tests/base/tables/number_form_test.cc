#include "base/tables/number_form.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/tables/spelling/currency.h"
#include "base/tables/spelling/digit_class.h"
#include "base/tables/spelling/number_spelling.h"
#include "base/tables/spelling/scale_word.h"

namespace roicast {
namespace {

constexpr auto kNone = std::nullopt;

TEST(ParseNumber, ReadsEachSpellingInItsForm) {
  const NumberForm plain;
  const NumberForm english{.grouping = Grouping::kComma};
  const NumberForm german{.decimal_mark = ',', .grouping = Grouping::kDot};
  const NumberForm french{.decimal_mark = ',', .grouping = Grouping::kBlank};
  const NumberForm swiss{.grouping = Grouping::kApostrophe};
  const NumberForm comma{.decimal_mark = ','};
  NumberForm days;
  days.unit_word = "days";
  NumberForm unknown = comma;
  unknown.unit_word = "Xy";
  struct Case {
    const char* cell;
    NumberForm form;
    std::optional<double> value;
  };
  const Case cases[] = {
      // Decimal marks and thousands.
      {"1,234.50", english, 1234.5},
      {"1,234,567", english, 1234567},
      {"1,23,456", english, 123456},
      {"12,34,567.89", english, 1234567.89},
      {"1234.5", english, 1234.5},
      {"1.326", english, 1.326},
      {"1,326", english, 1326},
      {"1,32", english, kNone},
      {"0,326", english, kNone},
      {"1,2345", english, kNone},
      {"1234,567", english, kNone},
      {"1,234", plain, kNone},
      {"1.234,50", german, 1234.5},
      {"1.326", german, 1326},
      {"1.234.567", german, 1234567},
      {"1,326", german, 1.326},
      {"3,5", german, 3.5},
      {"1.5", german, kNone},
      {"1.2.2024", german, kNone},
      {"1.326", comma, kNone},
      {"350,10", comma, 350.1},
      // Words for powers of ten.
      {"8,894 тыс. ₽", comma, 8894},
      {"0,5 млн руб.", comma, 500000},
      {"1,5 mld", comma, 1.5e9},
      {"₹0.08894 L", plain, 8894},
      {"₹0.5 Cr", plain, 5e6},
      {"0.8894만원", plain, 8894},
      {"3.5억", plain, 3.5e8},
      {"2.5 MILLION", plain, 2.5e6},
      // Zero in an accounting format, and no cents.
      {" $ -   ", plain, 0},
      {"-   €", plain, 0},
      {"R$ –", plain, 0},
      {"$", plain, kNone},
      {"- -", plain, kNone},
      {"CHF 8'894.-", swiss, 8894},
      {"1,15,851/-", english, 115851},
      {"8.894,-- €", german, 8894},
      // Other digits, and currencies that are letters.
      {"١١٦٫٢٠", plain, 116.2},
      {"१२३.५", plain, 123.5},
      {"RM 8,894.01", english, 8894.01},
      {"Rp115.851", german, 115851},
      {"R1", plain, kNone},
      {"RM12", plain, kNone},
      {"\u202a8,894.01\u202c", english, 8894.01},
      {",5", comma, 0.5},
      {"-1,234", english, -1234},
      {"1,234,56", english, kNone},
      {"1234,567,890", english, kNone},
      {"1,234.", english, kNone},
      {"123,456,789,012.345", english, 123456789012.345},
      {"123,456,789,012,345.678", english, 123456789012345.678},
      {"1 234,5", french, 1234.5},
      {"1\u00a0234\u00a0567,5", french, 1234567.5},
      {"1\u202f234", french, 1234},
      {"1\u2009234", french, 1234},
      {"1 23", french, kNone},
      {"1  234", french, kNone},
      {"0 234", french, kNone},
      {"1'234.50", swiss, 1234.5},
      {"1\u2019234\u2019567.5", swiss, 1234567.5},
      // Currency.
      {"$1,458.70 ", english, 1458.7},
      {"US$ 12", plain, 12},
      {"R$ 1.234,50", german, 1234.5},
      {"12,50 \u20ac", german, 12.5},
      {"\u20ac12.50", plain, 12.5},
      {"12 z\u0142", plain, 12},
      {"99 kr", plain, 99},
      {"EUR 12.50", plain, 12.5},
      {"12.50EUR", plain, 12.5},
      {"$5.00 USD", plain, 5},
      {"-$5", plain, -5},
      {"$-5", plain, -5},
      {"\u20b91,23,456", english, 123456},
      {"\U0001ecb05", plain, 5},
      {"USDX5", plain, kNone},
      {"$", plain, kNone},
      {"$$$5", plain, kNone},
      // Per cent and per mille.
      {"3.1%", plain, 0.031},
      {"3,10 %", comma, 0.031},
      {"%5", plain, 0.05},
      {"100%", plain, 1},
      {"5\u2030", plain, 0.005},
      {"3%%", plain, kNone},
      // Signs.
      {"(250.00)", plain, -250},
      {"($1,250.00)", english, -1250},
      {"$(250)", plain, -250},
      {"(3.1%)", plain, -0.031},
      {"\u2212158.33", plain, -158.33},
      {"1583.25-", plain, -1583.25},
      {"5,00- \u20ac", comma, -5},
      {"+5", plain, 5},
      {"(-5)", plain, kNone},
      {"-5-", plain, kNone},
      {"--5", plain, kNone},
      {"(5", plain, kNone},
      {"5)", plain, kNone},
      // Thousands, millions.
      {"14.7K", plain, 14700},
      {"1.2k", plain, 1200},
      {"3.4M", plain, 3400000},
      {"2.1B", plain, 2.1e9},
      {"$1.2M", plain, 1200000},
      {"1,2 Mio. \u20ac", comma, 1200000},
      {"3 Mrd", plain, 3e9},
      {"1.2\u4e07", plain, 12000},
      {"3\u4ebf", plain, 3e8},
      {"1.2\u4e07\u5143", plain, 12000},
      {"5 lakh", plain, 500000},
      {"5KK", plain, kNone},
      {"8,8940 \u0442\u044b\u0441. \u20bd", comma, 8894},
      {"0,0004959 \u043c\u043b\u043d \u20bd", comma, 495.9},
      {"2 \u043c\u043b\u0440\u0434", plain, 2e9},
      {"2 \u0422\u042b\u0421.", plain, 2000},
      {"\u20b90.08894 L", plain, 8894},
      {"0.08894 L", plain, kNone},
      {"Rs. 1.5 Lac", plain, 150000},
      {"\u20b90.5 Cr", plain, 5000000},
      {"0.8894\ub9cc", plain, 8894},
      {"0.8894\ub9cc\uc6d0", plain, 8894},
      {"3\uc5b5", plain, 3e8},
      {"5\ucc9c", plain, 5000},
      {"1,5 tys. z\u0142", comma, 1500},
      {"1,5 mld", comma, 1.5e9},
      {"1,5 Mia.", comma, 1.5e9},
      {"1,5 T\u20ac", comma, 1500},
      {"15 TEUR", plain, 15000},
      {"R$ 1,2 mil", comma, 1200},
      {"1,2 mil. K\u010d", comma, 1200000},
      {"1.2 mil", plain, kNone},
      {"5 Rp", plain, 5},
      {"Rp 1,5 jt", comma, 1500000},
      // Words before, whole amounts, dashes for zero.
      {"RM 8,894.01", english, 8894.01},
      {"KSh 116.20", plain, 116.2},
      {"R 495,95", comma, kNone},
      {"Xy. 495,95", comma, kNone},
      {"Xy. 495,95", unknown, 495.95},
      {"Xyz 5", unknown, kNone},
      {"Campaign 12", plain, kNone},
      {"CHF 8'894.-", swiss, 8894},
      {"CHF 116.-", plain, 116},
      {"-116.-", plain, -116},
      {"8.894,- \u20ac", german, 8894},
      {"8.894,\u2014 \u20ac", german, 8894},
      {"116,-- \u20ac", comma, 116},
      {"Rs.1,15,851/-", english, 115851},
      {"5,000/=", english, 5000},
      {"116-", plain, -116},
      {"$ -", plain, 0},
      {"$-", plain, 0},
      {"-   \u20ac", plain, 0},
      {"CHF \u2013", plain, 0},
      {"-%", plain, kNone},
      {"$ - -", plain, kNone},
      {"(-$)", plain, kNone},
      {"$", plain, kNone},
      {"\u25b2362", plain, -362},
      {"\u25b3\uffe51,362", english, -1362},
      {"\u25bc362", plain, kNone},
      // Other scripts, invisible marks, quotes.
      {"\u0668\u066c\u0668\u0669\u0664\u066b\u0660\u0661", swiss, 8894.01},
      {"\u06f1\u06f1\u06f6\u066b\u06f2\u06f0", plain, 116.2},
      {"\u096e,\u096e\u096f\u096a.\u0966\u0967", english, 8894.01},
      {"\u0665\u066a", plain, 0.05},
      {"8,894.01 \u0631.\u0633", english, 8894.01},
      {"\u202a8,894.01\u202c", english, 8894.01},
      {"\u200f495.95", plain, 495.95},
      {"116.20\u200b", plain, 116.2},
      {"\ufeff116.20", plain, 116.2},
      {"-\u2060116.20", plain, -116.2},
      {"'8894.01", plain, 8894.01},
      {"'5'", plain, kNone},
      {"\"495.95\"", plain, 495.95},
      // Units.
      {"30 days", days, 30},
      {"1 day", days, 1},
      {"30", days, 30},
      {"30 weeks", days, kNone},
      {"30 days", plain, kNone},
      // Text formulas, full-width digits, exponents.
      {"=\"1234\"", plain, 1234},
      {"\uff11\uff12\uff0e\uff15", plain, 12.5},
      {"\uffe5\uff11\uff0c\uff12\uff13\uff14", english, 1234},
      {"\u0661\u0662", plain, 12},
      {"1e3", plain, 1000},
      {"1,5E+03", comma, 1500},
      {"$1.5e3", plain, 1500},
      {"1,234e3", english, kNone},
      // No numbers.
      {"", plain, kNone},
      {" ", plain, kNone},
      {".", plain, kNone},
      {",", comma, kNone},
      {"-", plain, kNone},
      {"abc", plain, kNone},
      {"a5", plain, kNone},
      {"Q2 2024", plain, kNone},
      {"2024-05-17", plain, kNone},
      {"12:30", plain, kNone},
      {"1e999", plain, kNone},
      {"$1e999", plain, kNone},
      {"0x10", plain, kNone},
      {"inf", plain, kNone},
      {"nan", plain, kNone},
      {"< 10%", plain, kNone},
      {"#DIV/0!", plain, kNone},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ParseNumber(c.cell, c.form), c.value)
        << '"' << c.cell << "\" in " << c.form.decimal_mark << static_cast<int>(c.form.grouping);
  }
}

TEST(ParseNumber, MultipliesByTheScale) {
  EXPECT_EQ(ParseNumber("12500000", {.scale = 1e-6}), 12.5);
  EXPECT_EQ(ParseNumber("3.1%", {.scale = 100}), 3.1);
  EXPECT_EQ(ParseNumber("1e300", {.scale = 1e300}), kNone);
  EXPECT_EQ(ParseNumber("123456789012345678", {.scale = 2}), 246913578024691356.0);
}

TEST(ParseNumber, ReadsASmallMAsAUnitWhereTheColumnSaysSo) {
  NumberForm metres;
  metres.unit_word = "m";
  EXPECT_EQ(ParseNumber("30 m", metres), 30);
  EXPECT_EQ(ParseNumber("30 m", NumberForm()), 30e6);
}

std::optional<double> FromChars(const std::string& text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

TEST(ParsePlainNumber, IsFromCharsToTheBit) {
  std::mt19937_64 random(20260517);
  const auto below = [&random](uint64_t n) { return static_cast<int>(random() % n); };
  for (int i = 0; i < 200'000; ++i) {
    std::string text = below(3) == 0 ? "-" : "";
    for (int digits = below(20); digits >= 0; --digits) text += static_cast<char>('0' + below(10));
    if (below(3) > 0) {
      text += '.';
      for (int digits = below(20); digits > 0; --digits) text += static_cast<char>('0' + below(10));
    }
    if (below(5) == 0) text += "e" + std::to_string(below(600) - 300);
    const std::optional<double> expected = FromChars(text);
    for (const std::optional<double> value : {ParsePlainNumber(text), ParseNumber(text, NumberForm())}) {
      ASSERT_EQ(value.has_value(), expected.has_value() && std::isfinite(*expected)) << text;
      if (value.has_value()) {
        ASSERT_EQ(std::bit_cast<uint64_t>(*value), std::bit_cast<uint64_t>(*expected)) << text;
      }
    }
  }
}

TEST(ParsePlainNumber, TakesDecimalNumbersAndNothingElse) {
  EXPECT_EQ(ParsePlainNumber(" -0.5 "), -0.5);
  EXPECT_EQ(ParsePlainNumber("+1e-3"), 0.001);
  EXPECT_EQ(ParsePlainNumber(".5"), 0.5);
  EXPECT_EQ(ParsePlainNumber("5."), 5.0);
  for (const char* cell : {"",      ".",     "-",   "abc", "1,000", "1 000", "0x10", "inf", "-Infinity", "nan",
                           "1e999", "1.2.3", "++1", "+-1", "12%",   "$5",    "--1",  "5,",  "1e",        "e5"}) {
    EXPECT_EQ(ParsePlainNumber(cell), std::nullopt) << cell;
  }
}

// A number written in a form is read back in it.
TEST(ParseNumber, ReadsBackRandomNumbersInEveryForm) {
  std::mt19937_64 random(7);
  const auto below = [&random](uint64_t n) { return static_cast<int>(random() % n); };
  const std::vector<std::string> blanks = {" ", "\u00a0", "\u202f", "\u2009"};
  for (int i = 0; i < 50'000; ++i) {
    const int64_t whole = static_cast<int64_t>(random() % 1'000'000'000) >> below(30);
    const int decimals = below(4);
    std::string fraction;
    for (int d = 0; d < decimals; ++d) fraction += static_cast<char>('0' + below(10));
    NumberForm form;
    form.grouping = static_cast<Grouping>(below(5));
    form.decimal_mark = form.grouping == Grouping::kComma ? '.'
                        : form.grouping == Grouping::kDot ? ','
                                                          : ".,"[below(2)];
    std::string separator;
    if (form.grouping == Grouping::kComma) separator = ",";
    if (form.grouping == Grouping::kDot) separator = ".";
    if (form.grouping == Grouping::kBlank) separator = blanks[static_cast<size_t>(below(4))];
    if (form.grouping == Grouping::kApostrophe) separator = below(2) == 0 ? "'" : "\u2019";
    std::string digits = std::to_string(whole);
    for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
      digits.insert(static_cast<size_t>(at), separator);
    if (decimals > 0) digits += form.decimal_mark + fraction;
    const double value = *FromChars(std::to_string(whole) + "." + fraction);
    const double hundredth = *FromChars(std::to_string(whole) + "." + fraction + "e-2");
    EXPECT_EQ(ParseNumber(digits, form), value) << digits;
    EXPECT_EQ(ParseNumber("(" + digits + ")", form), -value) << digits;
    EXPECT_EQ(ParseNumber(digits + " %", form), hundredth) << digits;
    EXPECT_EQ(ParseNumber("\u2212\u20ac" + digits, form), -value) << digits;
    EXPECT_EQ(ParseNumber(digits + " \u20ac", form), value) << digits;
  }
}

TEST(ClassifyDigits, TellsDecimalsFromThousands) {
  const auto digits = [](const char* body) { return ClassifyDigits(body).digits; };
  EXPECT_EQ(digits("1.326"), DigitClass::kDotEither);
  EXPECT_EQ(digits("123.326"), DigitClass::kDotEither);
  EXPECT_EQ(digits("0.326"), DigitClass::kDotDecimal);
  EXPECT_EQ(digits("1234.326"), DigitClass::kDotDecimal);
  EXPECT_EQ(digits("1.3260"), DigitClass::kDotDecimal);
  EXPECT_EQ(digits("1.326e5"), DigitClass::kDotDecimal);
  EXPECT_EQ(digits("1,326"), DigitClass::kCommaEither);
  EXPECT_EQ(digits("1,326,000"), DigitClass::kCommaGroups);
  EXPECT_EQ(digits("1,326,00"), DigitClass::kNone);
  EXPECT_EQ(digits("1.326,000"), DigitClass::kDotGroupsCommaDecimal);
  EXPECT_EQ(digits("1 326.5"), DigitClass::kBlankGroupsDotDecimal);
  EXPECT_EQ(digits("1326"), DigitClass::kInteger);
  EXPECT_EQ(digits("1.2.3"), DigitClass::kNone);
  EXPECT_TRUE(ClassifyDigits("00504").leading_zero);
  EXPECT_FALSE(ClassifyDigits("0").leading_zero);
  EXPECT_FALSE(ClassifyDigits("0.5").leading_zero);
  EXPECT_EQ(ClassifyDigits("120210000000000001").whole_digits, 18);
  EXPECT_EQ(ClassifyDigits("1,234.5").whole_digits, 4);
}

TEST(SpellNumber, NamesWhatStandsAroundTheDigits) {
  NumberSpelling spelling;
  ASSERT_TRUE(SpellNumber("($1,250.00)", &spelling));
  EXPECT_EQ(spelling.currency, "$");
  EXPECT_TRUE(spelling.bracketed);
  EXPECT_TRUE(spelling.negative);
  NumberSpelling euro;
  ASSERT_TRUE(SpellNumber("1.250,00 \u20ac", &euro));
  EXPECT_EQ(euro.currency, "EUR");
  NumberSpelling both;
  ASSERT_TRUE(SpellNumber("$5 CAD", &both));
  EXPECT_EQ(both.currency, "CAD");
  NumberSpelling days;
  ASSERT_TRUE(SpellNumber("30 days", &days));
  EXPECT_EQ(days.unit_word, "days");
  NumberSpelling formula;
  ASSERT_TRUE(SpellNumber("=\"00123\"", &formula));
  EXPECT_TRUE(formula.formula);
  EXPECT_TRUE(formula.leading_zero);
}

TEST(ScaleOfWord, DependsOnTheCurrencyOnlyWhereTheWordIsAlsoAUnit) {
  EXPECT_EQ(ScaleOfWord("Mio.", ""), 6);
  EXPECT_EQ(ScaleOfWord("MILLION", ""), 6);
  EXPECT_EQ(ScaleOfWord("L", "INR"), 5);
  EXPECT_EQ(ScaleOfWord("L", "EUR"), std::nullopt);
  EXPECT_EQ(ScaleOfWord("L", ""), std::nullopt);
  EXPECT_EQ(ScaleOfWord("mm", ""), std::nullopt);
  EXPECT_EQ(PossibleScale("L"), 5);
  EXPECT_EQ(PossibleScale("mil."), 3);
  EXPECT_EQ(PossibleScale("days"), std::nullopt);
}

TEST(SpellNumber, TellsWhichWordStandsBefore) {
  NumberSpelling before;
  ASSERT_TRUE(SpellNumber("Xyz. 1,326.50", &before));
  EXPECT_EQ(before.unit_word, "Xyz.");
  EXPECT_TRUE(before.word_before);
  NumberSpelling behind;
  ASSERT_TRUE(SpellNumber("5 Xyz", &behind));
  EXPECT_FALSE(behind.word_before);
  NumberSpelling both;
  EXPECT_FALSE(SpellNumber("Camp 5 new", &both));
}

TEST(CurrencyPrefix, KnowsSignsCodesAndLocalSpellings) {
  EXPECT_EQ(CurrencyPrefix("$5").name, "$");
  EXPECT_EQ(CurrencyPrefix("US$5").name, "USD");
  EXPECT_EQ(CurrencyPrefix("eur 5").name, "EUR");
  EXPECT_EQ(CurrencyPrefix("\u20b45").name, "UAH");
  EXPECT_EQ(CurrencyPrefix("\u20c05").name, "\u20c0");
  EXPECT_EQ(CurrencyPrefix("krone 5").length, 0U);
  EXPECT_EQ(CurrencyPrefix("5").length, 0U);
  EXPECT_EQ(CurrencySuffix("5 K\u010d").name, "CZK");
  EXPECT_EQ(CurrencySuffix("5 Ekr").length, 0U);
  EXPECT_EQ(CurrencySuffix("5\u00a2").name, "\u00a2");
}

TEST(SameUnitWord, TakesSingularAndPlural) {
  EXPECT_TRUE(SameUnitWord("day", "days"));
  EXPECT_TRUE(SameUnitWord("Tage", "Tag"));
  EXPECT_TRUE(SameUnitWord("Days", "days"));
  EXPECT_TRUE(SameUnitWord("min", "min."));
  EXPECT_FALSE(SameUnitWord("day", "week"));
  EXPECT_FALSE(SameUnitWord("m", "ms"));
}

}  // namespace
}  // namespace roicast
