#include "base/tables/column_evidence.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "base/tables/cell_text.h"
#include "base/tables/spelling/number_spelling.h"
#include "base/tables/spelling/span_spelling.h"
#include "base/utf8.h"

namespace roicast {
namespace {

constexpr size_t kExampleBytes = 60;
constexpr int kIdentifierDigits = 16;
constexpr size_t kCompactMonth = 6;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

void Count(CellGroup& group, absl::string_view cell, int64_t line) {
  if (++group.count <= static_cast<int64_t>(CellGroup::kExamples)) {
    group.examples.emplace_back(line, std::string(Utf8Start(TrimCell(cell), kExampleBytes)));
  }
}

void CountInteger(ColumnFacts& facts, int64_t value) {
  facts.smallest = std::min(facts.smallest, value);
  facts.largest = std::max(facts.largest, value);
  const int64_t size = value < 0 ? -value : value;
  if (size > 999) {
    ++facts.long_integers;
  } else if (size > 0) {
    ++facts.short_integers;
  }
}

// Fibonacci hashing: Knuth, The Art of Computer Programming, vol. 3, 6.4.
uint64_t NumberBit(uint64_t digits) { return uint64_t{1} << ((digits * 0x9E3779B97F4A7C15U) >> 58U); }

bool IsYear(uint64_t number) { return number >= 1990 && number <= 2099; }
bool IsMonth(uint64_t number) { return number >= 1 && number <= 12; }

// Whether a whole number with so many digits may be YYYYMM, YYYYMMDD, or that with a time of day.
bool MayBeCompact(ptrdiff_t size, uint64_t number) {
  switch (size) {
    case 6:
      return IsYear(number / 100) && IsMonth(number % 100);
    case 8:
      return true;
    case 10:
      return IsYear(number / 1'000'000);
    case 12:
      return IsYear(number / 100'000'000);
    case 14:
      return IsYear(number / 10'000'000'000);
    default:
      return false;
  }
}

// digits: those of both parts as one number. 5.2024 and 2024.05.
bool MayBeDottedMonth(ptrdiff_t whole, ptrdiff_t decimals, uint64_t digits) {
  if (decimals == 4 && whole <= 2) return IsMonth(digits / 10'000) && IsYear(digits % 10'000);
  return decimals == 2 && whole == 4 && IsYear(digits / 100) && IsMonth(digits % 100);
}

size_t DecimalsOf(const NumberSpelling& spelling) {
  size_t decimals = 0;
  while (decimals < spelling.body.size() && IsDigit(spelling.body[spelling.body.size() - decimals - 1])) ++decimals;
  return decimals;
}

// Whether the number is as long as an identifier and written with an exponent behind fewer digits.
bool IsRounded(absl::string_view body) {
  constexpr int kLongNumber = 10;
  const size_t mark = body.find_first_of("eE");
  int exponent = 0;
  if (mark == absl::string_view::npos || !absl::SimpleAtoi(body.substr(mark + 1), &exponent)) return false;
  const auto digits = std::count_if(body.begin(), body.begin() + static_cast<ptrdiff_t>(mark), IsDigit);
  return exponent >= kLongNumber && digits <= exponent;
}

void CountNumber(ColumnFacts& facts, absl::string_view cell, int64_t line, const NumberSpelling& spelling) {
  const auto same_unit = [](absl::string_view a, absl::string_view b) { return SameUnitWord(a, b); };
  const bool worded = !spelling.unit_word.empty();
  Count((worded ? facts.worded : facts.digits)[static_cast<size_t>(spelling.digits)], cell, line);
  if (worded) facts.unit_words.Add(spelling.unit_word, line, same_unit);
  if (!spelling.currency.empty()) facts.currencies.Add(spelling.currency, line);
  if (spelling.percent) Count(facts.percent, cell, line);
  if (spelling.multiplied) Count(facts.multiplied, cell, line);
  if (spelling.bracketed) Count(facts.bracketed, cell, line);
  if (spelling.minus_behind) Count(facts.minus_behind, cell, line);
  if (spelling.formula) Count(facts.formulas, cell, line);
  if (spelling.dash_for_zero) Count(facts.dashes_for_zero, cell, line);
  if (spelling.triangle) Count(facts.triangles, cell, line);
  if (IsRounded(spelling.body)) Count(facts.rounded, cell, line);
  facts.small_m += spelling.small_m ? 1 : 0;
  facts.max_digits = std::max(facts.max_digits, spelling.whole_digits);
  uint64_t digits = 0;
  for (const char c : spelling.body) digits = IsDigit(c) ? digits * 10 + static_cast<uint64_t>(c - '0') : digits;
  facts.number_bits |= NumberBit(digits);
  if (const size_t point = spelling.body.find('.'); spelling.digits == DigitClass::kDotDecimal && !spelling.negative) {
    const size_t decimals = spelling.body.size() - point - 1;
    facts.dotted_months +=
        MayBeDottedMonth(static_cast<ptrdiff_t>(point), static_cast<ptrdiff_t>(decimals), digits) ? 1 : 0;
  }
  facts.long_decimals += HasDecimals(spelling.digits) && DecimalsOf(spelling) > 2 ? 1 : 0;
  if (spelling.digits != DigitClass::kInteger) return;
  if (spelling.leading_zero) Count(facts.leading_zeros, cell, line);
  if (spelling.whole_digits >= kIdentifierDigits) Count(facts.long_digits, cell, line);
  if (MayBeCompact(static_cast<ptrdiff_t>(spelling.body.size()), digits) &&
      ParseTime(spelling.body, TimeFormat::kCompact).has_value()) {
    ++(spelling.body.size() == kCompactMonth ? facts.compact_months : facts.compact_dates);
  }
  if (spelling.body.size() < kIdentifierDigits && spelling.exponent == 0) {
    CountInteger(facts, spelling.negative ? -static_cast<int64_t>(digits) : static_cast<int64_t>(digits));
  }
}

void CountShortDate(ShortDates& dates, const ShortDate& date, bool year_last) {
  if (!year_last && !date.year_first) return;
  dates.year_last += year_last ? 1 : 0;
  dates.year_first += date.year_first ? 1 : 0;
  dates.only_year_last += date.year_first ? 0 : 1;
  dates.firsts.set(static_cast<size_t>(date.first));
  dates.lasts.set(static_cast<size_t>(date.last));
}

// Thousands are separate, or there are two decimals.
bool IsAmount(const NumberSpelling& spelling) {
  switch (spelling.digits) {
    case DigitClass::kNone:
    case DigitClass::kInteger:
      return false;
    case DigitClass::kDotDecimal:
    case DigitClass::kCommaDecimal:
      return spelling.body.size() >= 3 && !IsDigit(spelling.body[spelling.body.size() - 3]);
    default:
      return true;
  }
}

// Whether a cell without digits, or one with them, may be a number or a time: "$ -" is 0.
bool MayBeValue(absl::string_view cell) {
  constexpr size_t kLongestDash = 12;
  bool dash = false;
  for (const char c : cell) {
    if (IsDigit(c) || static_cast<unsigned char>(c) >= 0x80) return true;
    dash = dash || c == '-';
  }
  return dash && cell.size() <= kLongestDash;
}

// With what an allocator adds.
size_t HeapBytes(size_t allocated) { return allocated > 0 ? allocated + 16 : 0; }

size_t HeapBytes(const std::string& text) {
  static const size_t kInside = std::string().capacity();
  return text.capacity() > kInside ? HeapBytes(text.capacity() + 1) : 0;
}

size_t HeapBytes(const CellGroup& group) {
  size_t bytes = HeapBytes(group.examples.capacity() * sizeof(CellExample));
  for (const CellExample& example : group.examples) bytes += HeapBytes(example.second);
  return bytes;
}

size_t HeapBytes(const TextCounter& counter) {
  size_t bytes = HeapBytes(counter.entries().capacity() * sizeof(TextCounter::Entry));
  for (const TextCounter::Entry& entry : counter.entries()) {
    bytes += HeapBytes(entry.text) + HeapBytes(entry.lines.capacity() * sizeof(int64_t));
  }
  return bytes;
}

size_t HeapBytes(const ColumnFacts& facts) {
  size_t bytes = HeapBytes(facts.times.capacity() * sizeof(TimeGroup));
  for (const TimeGroup& group : facts.times) bytes += HeapBytes(group.cells);
  for (const auto* groups : {&facts.digits, &facts.worded}) {
    for (const CellGroup& group : *groups) bytes += HeapBytes(group);
  }
  for (const CellGroup* group :
       {&facts.bounds, &facts.leading_zeros, &facts.long_digits, &facts.percent, &facts.multiplied, &facts.bracketed,
        &facts.minus_behind, &facts.formulas, &facts.dashes_for_zero, &facts.triangles, &facts.clock_times,
        &facts.open_ranges, &facts.others}) {
    bytes += HeapBytes(*group);
  }
  for (const TextCounter* counter : {&facts.missing_words, &facts.unit_words, &facts.currencies, &facts.other_words}) {
    bytes += HeapBytes(*counter);
  }
  bytes += HeapBytes(facts.examples.capacity() * sizeof(std::string));
  for (const std::string& example : facts.examples) bytes += HeapBytes(example);
  return bytes;
}

}  // namespace

ColumnEvidence::ColumnEvidence(const MissingSpellings* missing) : missing_(missing), fast_(!missing->AnyWithDigits()) {}

bool ColumnEvidence::AddPlainNumber(absl::string_view cell, int64_t line) {
  constexpr ptrdiff_t kLongest = kIdentifierDigits;
  const char* at = cell.data();
  const char* const end = at + cell.size();
  if (end - at > kLongest || at == end || !fast_) return false;
  const bool negative = *at == '-';
  at += static_cast<int>(negative);
  const char* const start = at;
  const char* mark = nullptr;
  uint64_t digits = 0;
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit < 10) {
      digits = digits * 10 + digit;
    } else if (*at == '.' && mark == nullptr) {
      mark = at;
    } else {
      return false;
    }
  }
  const ptrdiff_t whole = (mark != nullptr ? mark : end) - start;
  DigitClass digit_class = DigitClass::kDotDecimal;
  if (mark == nullptr) {
    // Perhaps an identifier, or a date.
    if (whole == 0 || whole >= kIdentifierDigits || (*start == '0' && whole > 1)) return false;
    if (!negative && MayBeCompact(whole, digits)) return false;
    digit_class = DigitClass::kInteger;
    CountInteger(facts_, negative ? -static_cast<int64_t>(digits) : static_cast<int64_t>(digits));
  } else {
    const ptrdiff_t decimals = end - mark - 1;
    if (whole + decimals == 0 || MayBeDottedMonth(whole, decimals, digits)) return false;
    if (decimals == 3 && whole >= 1 && whole <= 3 && *start != '0') digit_class = DigitClass::kDotEither;
    facts_.long_decimals += decimals > 2 && digit_class != DigitClass::kDotEither ? 1 : 0;
  }
  ++facts_.cells;
  facts_.number_bits |= NumberBit(digits);
  facts_.max_digits = std::max(facts_.max_digits, static_cast<int>(whole));
  CellGroup& group = facts_.digits[static_cast<size_t>(digit_class)];
  if (group.count < static_cast<int64_t>(CellGroup::kExamples)) {
    Count(group, cell, line);
    AddExample(cell);
  } else {
    ++group.count;
  }
  return true;
}

bool ColumnEvidence::AddIsoTime(absl::string_view cell, int64_t line) {
  if (!fast_ || cell.size() < 10 || cell[4] != '-' || !ParseIsoTime(cell).has_value()) return false;
  ++facts_.cells;
  AddExample(cell);
  AddTime(cell, line, TimeFormatBit(TimeFormat::kIso));
  return true;
}

void ColumnEvidence::AddOther(absl::string_view cell, int64_t line) {
  ++facts_.cells;
  cell = TrimCell(cell);
  // No missing spelling begins with a digit if none has one.
  const bool perhaps_missing = !fast_ || cell.empty() || !IsDigit(cell[0]);
  if (perhaps_missing && missing_->Matches(CellText(cell))) {
    ++facts_.missing;
    if (!cell.empty()) facts_.missing_words.Add(Utf8Start(cell, kExampleBytes), line);
    return;
  }
  AddExample(cell);
  if (PlainlyWords() || !MayBeValue(cell)) return AddWord(cell, line);
  if (NumberSpelling spelling; SpellNumber(cell, &spelling)) {
    // 2024 May
    const TimeFormatSet formats = spelling.unit_word.empty() ? 0 : TimeFormatsOf(cell);
    if (formats != 0) return AddTime(cell, line, formats);
    return spelling.word_before ? AddWordBeforeNumber(cell, line, spelling) : CountNumber(facts_, cell, line, spelling);
  }
  if (missing_->MatchesNumber(cell)) return Count(facts_.bounds, cell, line);
  const TimeFormatSet formats = TimeFormatsOf(CellText(cell));
  if (const std::optional<ShortDate> date = ParseShortDate(CellText(cell)); date.has_value()) {
    CountShortDate(facts_.short_dates, *date, formats != 0);
  }
  if (formats != 0) return AddTime(cell, line, formats);
  if (IsClockTime(cell)) Count(facts_.clock_times, cell, line);
  if (const auto range = SplitRange(cell); range.has_value() && TimeFormatsOf(range->second) != 0) {
    Count(facts_.open_ranges, cell, line);
  }
  AddWord(cell, line);
}

const WordsBefore& ColumnEvidence::words_before() const {
  static const auto& none = *new WordsBefore;
  return words_before_ != nullptr ? *words_before_ : none;
}

size_t ColumnEvidence::memory_bytes() const {
  size_t bytes = sizeof(*this) + HeapBytes(facts_);
  if (words_before_ != nullptr) bytes += HeapBytes(sizeof(WordsBefore)) + HeapBytes(words_before_->numbers);
  return bytes;
}

void ColumnEvidence::AddWordBeforeNumber(absl::string_view cell, int64_t line, const NumberSpelling& spelling) {
  if (words_before_ == nullptr) words_before_ = std::make_unique<WordsBefore>();
  ++words_before_->cells;
  words_before_->amounts += IsAmount(spelling) ? 1 : 0;
  CountNumber(words_before_->numbers, cell, line, spelling);
  AddWord(cell, line);
}

void ColumnEvidence::AddTime(absl::string_view cell, int64_t line, TimeFormatSet formats) {
  auto group = std::find_if(facts_.times.begin(), facts_.times.end(),
                            [formats](const TimeGroup& candidate) { return candidate.formats == formats; });
  if (group == facts_.times.end()) group = facts_.times.insert(group, TimeGroup{formats, {}});
  Count(group->cells, cell, line);
  if (const std::optional<Zone> zone = ZoneOfTime(cell); zone.has_value()) AddZone(cell, line, *zone);
}

void ColumnEvidence::AddZone(absl::string_view cell, int64_t line, const Zone& zone) {
  constexpr size_t kMostZones = 8;
  auto group = std::find_if(facts_.zones.begin(), facts_.zones.end(),
                            [&zone](const ZoneGroup& candidate) { return candidate.zone == zone; });
  if (group == facts_.zones.end()) {
    if (facts_.zones.size() == kMostZones) return;
    group = facts_.zones.insert(group, ZoneGroup{zone, {}});
  }
  Count(group->cells, cell, line);
}

void ColumnEvidence::AddWord(absl::string_view cell, int64_t line) {
  Count(facts_.others, cell, line);
  if (!PlainlyWords()) facts_.other_words.Add(Utf8Start(cell, kExampleBytes), line);
}

void ColumnEvidence::AddExample(absl::string_view cell) {
  constexpr size_t kExamples = 3;
  if (facts_.examples.size() == kExamples) return;
  const absl::string_view text = Utf8Start(TrimCell(cell), kExampleBytes);
  if (std::find(facts_.examples.begin(), facts_.examples.end(), text) == facts_.examples.end()) {
    facts_.examples.emplace_back(text);
  }
}

bool ColumnEvidence::PlainlyWords() const {
  return facts_.others.count > 1000 + 2 * words_before().amounts && facts_.others.count > facts_.cells / 2;
}

}  // namespace roicast
