#include "base/tables/spelling/currency.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace roicast {
namespace {

struct Spelling {
  absl::string_view text;
  absl::string_view name;
};

// Longer ones before their own beginnings and ends. Signs that need no other name are found by their code points.
constexpr Spelling kSpellings[] = {
    {"US$", "USD"},
    {"AU$", "AUD"},
    {"CA$", "CAD"},
    {"NZ$", "NZD"},
    {"HK$", "HKD"},
    {"NT$", "TWD"},
    {"MX$", "MXN"},
    {"COL$", "COP"},
    {"CLP$", "CLP"},
    {"AR$", "ARS"},
    {"RD$", "DOP"},
    {"A$", "AUD"},
    {"C$", "CAD"},
    {"S$", "SGD"},
    {"R$", "BRL"},
    {"z\u0142", "PLN"},
    {"K\u010d", "CZK"},
    {"Ft", "HUF"},
    {"CN\u00a5", "CNY"},
    {"JP\u00a5", "JPY"},
    {"CDN$", "CAD"},
    {"Rp.", "IDR"},
    {"Rp", "IDR"},
    {"RM", "MYR"},
    {"KSh", "KES"},
    {"Ksh", "KES"},
    {"KSH", "KES"},
    {"TSh", "TZS"},
    {"USh", "UGX"},
    {"GH\u20b5", "GHS"},
    {"S/.", "PEN"},
    {"S/", "PEN"},
    {"Tk.", "BDT"},
    {"Dhs.", "AED"},
    {"Dhs", "AED"},
    {"TL", "TRY"},
    {"\u0440\u0443\u0431\u043b\u0435\u0439", "RUB"},
    {"\u0433\u0440\u043d.", "UAH"},
    {"\u0433\u0440\u043d", "UAH"},
    {"\u0631.\u0633.", "SAR"},
    {"\u0631.\u0633", "SAR"},
    {"\u062f.\u0625.", "AED"},
    {"\u062f.\u0625", "AED"},
    {"\u062c.\u0645.", "EGP"},
    {"\u062c.\u0645", "EGP"},
    {"\u0631.\u0642", "QAR"},
    {"\u062f.\u0643", "KWD"},
    {"\u062a\u0648\u0645\u0627\u0646", "\u062a\u0648\u0645\u0627\u0646"},
    {"Rs.", "INR"},
    {"Rs", "INR"},
    {"Fr.", "CHF"},
    {"SFr.", "CHF"},
    {"kr.", "kr"},
    {"kr", "kr"},
    {"lei", "RON"},
    {"\u043b\u0432", "BGN"},
    {"\u0440\u0443\u0431.", "RUB"},
    {"\u0440\u0443\u0431", "RUB"},
    {"\u4eba\u6c11\u5e01", "CNY"},
    {"\u65e5\u5143", "JPY"},
    {"\u7f8e\u5143", "USD"},
    {"\u6b27\u5143", "EUR"},
    {"\u6e2f\u5143", "HKD"},
    {"\u5143", "CNY"},
    {"\uc6d0", "KRW"},
    {"\u5186", "JPY"},
    {"\u20ac", "EUR"},
    {"\u00a3", "GBP"},
    {"\u20b9", "INR"},
    {"\u20a9", "KRW"},
    {"\u20bd", "RUB"},
    {"\u20ba", "TRY"},
    {"\u20b4", "UAH"},
    {"\u20ab", "VND"},
    {"\u20aa", "ILS"},
    {"\u20b1", "PHP"},
    {"\u0e3f", "THB"},
    {"\u20a6", "NGN"},
    {"\uff04", "$"},
    {"\ufe69", "$"},
    {"\uffe1", "GBP"},
    {"\uffe5", "\u00a5"},
    {"\uffe6", "KRW"},
};

// ISO 4217 codes of the currencies in which most advertising is paid. Codes that are words, such as ALL or TOP, are not
// here.
constexpr absl::string_view kCodes[] = {
    "USD", "EUR", "GBP", "JPY", "CNY", "RMB", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "ISK", "PLN",
    "CZK", "HUF", "RON", "BGN", "RUB", "UAH", "TRY", "ILS", "AED", "SAR", "QAR", "KWD", "BHD", "OMR", "JOD",
    "EGP", "ZAR", "NGN", "KES", "GHS", "MAD", "TND", "INR", "PKR", "BDT", "LKR", "NPR", "IDR", "MYR", "SGD",
    "THB", "VND", "PHP", "KRW", "TWD", "HKD", "MXN", "BRL", "ARS", "CLP", "COP", "UYU", "KZT", "RSD"};

bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

// The code point at the start of valid UTF-8, and its length.
uint32_t FirstCodePoint(absl::string_view text, size_t* length) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (byte(0) < 0xC0) return *length = 1, byte(0);
  if (byte(0) < 0xE0) return *length = 2, (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
  if (byte(0) < 0xF0) return *length = 3, (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
  *length = 4;
  return (byte(0) & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U | (byte(3) & 0x3FU);
}

// Unicode 15's general category Sc.
bool IsCurrencySign(uint32_t code) {
  static constexpr uint32_t kRanges[][2] = {
      {0x24, 0x24},       {0xA2, 0xA5},       {0x58F, 0x58F},    {0x60B, 0x60B},   {0x7FE, 0x7FF},   {0x9F2, 0x9F3},
      {0x9FB, 0x9FB},     {0xAF1, 0xAF1},     {0xBF9, 0xBF9},    {0xE3F, 0xE3F},   {0x17DB, 0x17DB}, {0x20A0, 0x20C0},
      {0xA838, 0xA838},   {0xFDFC, 0xFDFC},   {0xFE69, 0xFE69},  {0xFF04, 0xFF04}, {0xFFE0, 0xFFE1}, {0xFFE5, 0xFFE6},
      {0x11FDD, 0x11FE0}, {0x1E2FF, 0x1E2FF}, {0x1ECB0, 0x1ECB0}};
  for (const auto& range : kRanges) {
    if (code >= range[0] && code <= range[1]) return true;
  }
  return false;
}

// Whether digits without any separator follow the letters before them, as in RM12, which names something; RM1,500.00 is
// an amount.
bool IsCode(absl::string_view text, size_t letters) {
  return text.size() > letters && absl::ascii_isdigit(static_cast<unsigned char>(text[letters])) &&
         text.find_first_of("., ") == absl::string_view::npos;
}

}  // namespace

CurrencyMatch CurrencyPrefix(absl::string_view text) {
  if (text.empty() || absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) return {};
  // No longer spelling begins with the most frequent sign.
  if (text[0] == '$') return {1, text.substr(0, 1)};
  for (const Spelling& spelling : kSpellings) {
    if (!absl::StartsWith(text, spelling.text)) continue;
    if (IsLetter(spelling.text.back()) && text.size() > spelling.text.size() && IsLetter(text[spelling.text.size()])) {
      continue;
    }
    if (spelling.text == "RM" && IsCode(text, 2)) continue;
    return {spelling.text.size(), spelling.name};
  }
  if (text.size() >= 3 && IsLetter(text[0]) && (text.size() == 3 || !IsLetter(text[3]))) {
    for (const absl::string_view code : kCodes) {
      if (absl::EqualsIgnoreCase(text.substr(0, 3), code)) return {3, code};
    }
  }
  size_t length = 0;
  if (IsCurrencySign(FirstCodePoint(text, &length))) return {length, text.substr(0, length)};
  return {};
}

CurrencyMatch CurrencySuffix(absl::string_view text) {
  if (text.empty() || absl::ascii_isdigit(static_cast<unsigned char>(text.back()))) return {};
  for (const Spelling& spelling : kSpellings) {
    if (!absl::EndsWith(text, spelling.text)) continue;
    const size_t start = text.size() - spelling.text.size();
    if (IsLetter(spelling.text[0]) && start > 0 && IsLetter(text[start - 1])) continue;
    return {spelling.text.size(), spelling.name};
  }
  if (text.size() >= 3 && IsLetter(text.back()) && (text.size() == 3 || !IsLetter(text[text.size() - 4]))) {
    for (const absl::string_view code : kCodes) {
      if (absl::EqualsIgnoreCase(text.substr(text.size() - 3), code)) return {3, code};
    }
  }
  size_t start = text.size() - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) --start;
  size_t length = 0;
  if (IsCurrencySign(FirstCodePoint(text.substr(start), &length)) && start + length == text.size()) {
    return {length, text.substr(start)};
  }
  return {};
}

}  // namespace roicast
