#include "base/tables/missing_spellings.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/tables/cell_text.h"

namespace roicast {
namespace {

// The error values of Excel, LibreOffice and Google Sheets in any language, such as #DIV/0!, #WERT!, #NOMBRE? and #NV:
// capitals between # and ! or ?; those without such an end are listed.
bool IsSpreadsheetError(absl::string_view cell) {
  static constexpr absl::string_view kErrors[] = {"#n/a", "#nv", "#n/d", "#n/b", "#\u041d/\u0414"};  // #Н/Д
  constexpr size_t kLongest = 24;
  if (cell.size() < 3 || cell.size() > kLongest || cell[0] != '#') return false;
  if (cell.find_first_not_of('#') == absl::string_view::npos) return cell.size() >= 4;
  if (std::any_of(std::begin(kErrors), std::end(kErrors),
                  [cell](absl::string_view error) { return absl::EqualsIgnoreCase(cell, error); })) {
    return true;
  }
  const bool common = absl::EqualsIgnoreCase(cell, "#div/0!") || absl::EqualsIgnoreCase(cell, "#ref!") ||
                      absl::EqualsIgnoreCase(cell, "#value!") || absl::EqualsIgnoreCase(cell, "#name?") ||
                      absl::EqualsIgnoreCase(cell, "#num!") || absl::EqualsIgnoreCase(cell, "#null!");
  if (common) return true;
  if (cell.size() < 4 || (cell.back() != '!' && cell.back() != '?')) return false;
  return std::all_of(cell.begin() + 1, cell.end() - 1, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_isupper(byte) || byte >= 0x80 || c == '/' || c == '0';
  });
}

}  // namespace

absl::Status CheckMissingSpellings(absl::Span<const std::string> spellings, absl::string_view field) {
  if (spellings.size() > kMaxMissingSpellings) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": expected at most ", kMaxMissingSpellings,
                                                   " spellings of \"missing\", got ", spellings.size()));
  }
  for (size_t i = 0; i < spellings.size(); ++i) {
    if (spellings[i].size() <= kMaxMissingSpellingBytes) continue;
    return absl::InvalidArgumentError(absl::StrCat(field, "[", i, "]: expected at most ", kMaxMissingSpellingBytes,
                                                   " bytes, got ", spellings[i].size()));
  }
  return absl::OkStatus();
}

MissingSpellings::MissingSpellings() : MissingSpellings(absl::Span<const std::string>()) {}

MissingSpellings::MissingSpellings(absl::Span<const std::string> spellings)
    : given_(spellings.begin(), spellings.end()) {
  bool only_these = false;
  std::vector<std::string> lower_case;
  for (const std::string& spelling : spellings) {
    const absl::string_view trimmed = TrimCell(spelling);
    only_these |= trimmed.empty();
    if (!trimmed.empty()) lower_case.push_back(absl::AsciiStrToLower(trimmed));
  }
  given_words_ = lower_case.size();
  for (const char* mark : {"-", "--", "\u2014", "\u2013", "."}) lower_case.emplace_back(mark);
  const size_t without_usual = lower_case.size();
  for (const char* spelling : {"na", "n/a", "null", "none", "nan", "(null)", "[null]", "\\n"})
    lower_case.emplace_back(spelling);
  missing_words_ = only_these ? without_usual : lower_case.size();
  for (size_t place = 0; place < lower_case.size(); ++place) {
    const std::string& spelling = lower_case[place];
    places_.try_emplace(spelling, place);
    digits_ |= spelling.find_first_of("0123456789") != std::string::npos;
    longest_ = std::max(longest_, spelling.size());
    const auto first = static_cast<unsigned char>(spelling[0]);
    first_bytes_[first] = true;
    first_bytes_[static_cast<unsigned char>(absl::ascii_toupper(first))] = true;
  }
}

bool MissingSpellings::Matches(absl::string_view cell) const {
  cell = TrimCell(cell);
  if (cell.empty()) return true;
  if (IsSpreadsheetError(cell)) return true;
  return IsAmong(cell, missing_words_);
}

bool MissingSpellings::IsGiven(absl::string_view cell) const { return IsAmong(TrimCell(cell), given_words_); }

bool MissingSpellings::IsAmong(absl::string_view cell, size_t first) const {
  if (cell.empty() || cell.size() > longest_ || !first_bytes_[static_cast<unsigned char>(cell[0])]) return false;
  const auto found = places_.find(absl::AsciiStrToLower(cell));
  return found != places_.end() && found->second < first;
}

bool MissingSpellings::AnyWithDigits() const { return digits_; }

bool MissingSpellings::MatchesNumber(absl::string_view cell) const {
  if (Matches(cell)) return true;
  cell = TrimCell(cell);
  if (IsAmong(cell, std::numeric_limits<size_t>::max())) return true;
  constexpr size_t kLongestBound = 24;
  if (cell.size() > kLongestBound) return false;
  if (!absl::ConsumePrefix(&cell, "<") && !absl::ConsumePrefix(&cell, ">") && !absl::ConsumePrefix(&cell, "\u2264") &&
      !absl::ConsumePrefix(&cell, "\u2265")) {
    return false;
  }
  absl::ConsumePrefix(&cell, "=");
  return std::any_of(cell.begin(), cell.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }) &&
         cell.find_first_of("<>=") == absl::string_view::npos;
}

}  // namespace roicast
