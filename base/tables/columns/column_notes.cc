#include "base/tables/columns/column_notes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tables/columns/spreadsheet_notes.h"
#include "base/tables/columns/time_notes.h"
#include "base/tables/number_form.h"
#include "base/tables/spelling/scale_word.h"
#include "base/tables/spelling/span_spelling.h"
#include "base/tables/time_form.h"

namespace roicast {
namespace {

std::string Quoted(absl::string_view text) { return absl::StrCat("\"", text, "\""); }

// The shortest text that is read back as the same double.
std::string Shown(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string Cells(int64_t count) { return absl::StrCat(count, count == 1 ? " cell" : " cells"); }

std::vector<int64_t> LinesOf(const std::vector<CellExample>& examples) {
  std::vector<int64_t> lines;
  for (const CellExample& example : examples) lines.push_back(example.first);
  return lines;
}

class ColumnNotes {
 public:
  explicit ColumnNotes(const ColumnDecision& column)
      : column_(column), facts_(*column.facts), reading_(*column.reading) {}

  std::vector<TableNote> Take() {
    AddIfAny(NoteOfMergedCells(facts_, reading_.form.kind));
    AddIfAny(NoteOfRoundedNumbers(facts_));
    AddIfAny(NoteOfNarrowColumn(facts_));
    switch (reading_.form.kind) {
      case ColumnKind::kNumber:
        Unread("number");
        Bounds();
        BothMarks();
        RareThreeDecimals();
        AmbiguousNumbers();
        Marks();
        Affixes();
        Units();
        if (!column_.given_kind) AddIfAny(NoteOfNumbersOfTimes(facts_, column_.name));
        break;
      case ColumnKind::kTime:
        Unread("time");
        AddIfAny(NoteOfZones(facts_, reading_.form.time));
        Times();
        break;
      case ColumnKind::kWords:
        Words();
        break;
    }
    std::stable_sort(notes_.begin(), notes_.end(),
                     [](const TableNote& a, const TableNote& b) { return a.warning && !b.warning; });
    return std::move(notes_);
  }

 private:
  void Add(bool warning, std::string message, std::vector<int64_t> lines, std::vector<std::string> flags) {
    TableNote note;
    note.warning = warning;
    note.column = std::string(column_.name);
    note.lines = std::move(lines);
    note.message = std::move(message);
    note.flags = std::move(flags);
    notes_.push_back(std::move(note));
  }
  void AddIfAny(std::optional<TableNote> note) {
    if (note.has_value()) Add(note->warning, std::move(note->message), std::move(note->lines), std::move(note->flags));
  }
  void Say(std::string message, std::vector<std::string> flags = {}) {
    Add(false, std::move(message), {}, std::move(flags));
  }

  std::string Flag(absl::string_view flag, absl::string_view value) const {
    return ColumnFlag(flag, column_.name, value);
  }

  std::vector<std::string> DateOrders() const { return {Flag("--dates", "day-first"), Flag("--dates", "month-first")}; }

  // `"1.234,50" is read as 1234.5` for the first of the cells; empty if there is none or it is not read.
  std::string ReadAs(const std::vector<CellExample>& examples) const {
    for (const CellExample& example : examples) {
      if (const std::optional<double> value = ParseNumber(example.second, reading_.form.number); value.has_value()) {
        return absl::StrCat(Quoted(example.second), " is read as ", Shown(*value));
      }
    }
    return "";
  }

  const std::vector<CellExample>& Examples(DigitClass digits) const {
    const auto i = static_cast<size_t>(digits);
    return facts_.digits[i].count > 0 ? facts_.digits[i].examples : facts_.worded[i].examples;
  }

  void Unread(absl::string_view what) {
    if (reading_.unread == 0) return;
    const bool one = reading_.unread == 1;
    std::string message = absl::StrCat(reading_.unread, " of ", Cells(reading_.present), one ? " is no " : " are no ",
                                       what, one ? " and counts as missing" : "s and count as missing");
    if (!reading_.unread_examples.empty()) {
      const CellExample& first = reading_.unread_examples.front();
      absl::StrAppend(&message, one ? ": " : ", such as ", Quoted(first.second), " in line ", first.first);
    }
    std::vector<std::string> flags;
    for (const TextCounter::Entry& word : facts_.other_words.entries()) {
      if (word.count > 1 && flags.size() < 2) flags.push_back(ColumnFlag("--missing-values", "", word.text));
    }
    if (reading_.form.kind == ColumnKind::kTime && !column_.time->format.has_value()) flags = DateOrders();
    flags.push_back(Flag("--kind", "categorical"));
    Add(true, message, LinesOf(reading_.unread_examples), std::move(flags));
  }

  void Bounds() {
    if (facts_.bounds.count == 0) return;
    const CellExample& first = facts_.bounds.examples.front();
    Add(true,
        absl::StrCat(
            Cells(facts_.bounds.count), " such as ", Quoted(first.second), " in line ", first.first,
            facts_.bounds.count == 1 ? " gives a bound and counts as missing" : " give a bound and count as missing"),
        LinesOf(facts_.bounds.examples), {Flag("--kind", "categorical")});
  }

  // 9,894 and 9.894 in one column: one mark is taken for the decimal mark, though both look like thousands.
  void BothMarks() {
    const std::vector<CellExample>& dots = Examples(DigitClass::kDotEither);
    const std::vector<CellExample>& commas = Examples(DigitClass::kCommaEither);
    if (dots.empty() || commas.empty()) return;
    Add(true,
        absl::StrCat("a dot and a comma stand before exactly three digits in different cells: ", ReadAs(dots),
                     " (line ", dots.front().first, "), ", ReadAs(commas), " (line ", commas.front().first,
                     "); are two exports in one file?"),
        {dots.front().first, commas.front().first},
        {Flag("--decimal", reading_.form.number.decimal_mark == '.' ? "comma" : "point")});
  }

  int64_t Count(DigitClass digits) const {
    const auto i = static_cast<size_t>(digits);
    return facts_.digits[i].count + facts_.worded[i].count;
  }

  // A few 9.894 among many 116.20: perhaps thousands as the rows of another export have them.
  void RareThreeDecimals() {
    if (column_.number->ambiguous || column_.number->reason == NumberReason::kGiven) return;
    const bool point = reading_.form.number.decimal_mark == '.';
    const DigitClass three = point ? DigitClass::kDotEither : DigitClass::kCommaEither;
    const int64_t cells = Count(three);
    int64_t others = 0;
    for (size_t i = 0; i < kDigitClasses; ++i) {
      const auto digits = static_cast<DigitClass>(i);
      if (HasDecimals(digits) && ReadsGroup(reading_.form.number, digits, false)) others += Count(digits);
    }
    if (cells == 0 || cells * 5 > others || facts_.long_decimals > 0) return;
    const std::vector<CellExample>& examples = Examples(three);
    Add(true,
        absl::StrCat(cells, " of ", Cells(reading_.present), cells == 1 ? " has" : " have",
                     " exactly three digits behind the ", point ? "dot" : "comma",
                     ", where all others have fewer: ", ReadAs(examples), " (line ", examples.front().first,
                     "); if it separates thousands there, write these cells like the others"),
        LinesOf(examples), {Flag("--decimal", point ? "point" : "comma")});
  }

  void AmbiguousNumbers() {
    if (!column_.number->ambiguous) return;
    const char mark = reading_.form.number.decimal_mark;
    const bool dots = facts_.digits[static_cast<size_t>(DigitClass::kDotEither)].count +
                          facts_.worded[static_cast<size_t>(DigitClass::kDotEither)].count >
                      0;
    const std::string read = ReadAs(Examples(dots ? DigitClass::kDotEither : DigitClass::kCommaEither));
    const bool thousands = dots == (mark == ',');
    const absl::string_view separator = dots ? "dot" : "comma";
    std::string message =
        absl::StrCat(read, ", the ", separator, thousands ? " separating thousands" : " being the decimal mark");
    switch (column_.number->reason) {
      case NumberReason::kOtherColumns:
        absl::StrAppend(&message, ", because other columns of the file are written so");
        if (column_.number->guess) absl::StrAppend(&message, "; but this column looks as if it were otherwise");
        break;
      case NumberReason::kLongIntegers:
        absl::StrAppend(&message, ", because other numbers from 1000 in this column have no ", separator);
        if (column_.number->guess) absl::StrAppend(&message, "; but what the name counts is whole");
        break;
      case NumberReason::kShortIntegers:
        absl::StrAppend(&message, ", because exactly three digits stand behind every ", separator,
                        " and no number without one reaches 1000; this is a guess");
        break;
      case NumberReason::kDelimiter:
        absl::StrAppend(&message, "; exactly three digits stand behind every ", separator,
                        ", and only the file's delimiter speaks for this: it is a guess");
        break;
      case NumberReason::kFewCells:
        absl::StrAppend(&message, ", because of a few cells only; nearly all have exactly three digits behind the ",
                        separator);
        break;
      case NumberReason::kCells:
      case NumberReason::kGiven:
        break;
    }
    Add(column_.number->guess, message, {}, {Flag("--decimal", mark == '.' ? "comma" : "point")});
  }

  // The decimal comma and separate thousands.
  void Marks() {
    if (column_.number->ambiguous) return;
    const NumberForm& form = reading_.form.number;
    if (form.decimal_mark == '.' && form.grouping == Grouping::kNone) return;
    for (size_t i = kDigitClasses; i-- > 0;) {
      const auto digits = static_cast<DigitClass>(i);
      if (digits == DigitClass::kInteger || digits == DigitClass::kDotDecimal) continue;
      if (const std::string read = ReadAs(Examples(digits)); !read.empty()) return Say(read);
    }
  }

  void Affixes() {
    if (facts_.percent.count > 0) {
      const int64_t numbers = reading_.present - reading_.unread;
      const std::string read = ReadAs(facts_.percent.examples);
      if (facts_.percent.count >= numbers) {
        Say(absl::StrCat(read, ", as per cent"), {Flag("--scale", "100")});
      } else {
        Add(true,
            absl::StrCat("only ", facts_.percent.count, " of ", numbers, " numbers have a %: they are divided by 100 (",
                         read, "), the others are not"),
            LinesOf(facts_.percent.examples), {Flag("--kind", "categorical")});
      }
    }
    if (reading_.currencies.size() > 1) {
      std::vector<std::string> counts;
      for (const TextCounter::Entry& currency : facts_.currencies.entries()) {
        counts.push_back(absl::StrCat(Cells(currency.count), " in ", currency.text));
      }
      std::vector<int64_t> lines;
      for (const TextCounter::Entry& currency : facts_.currencies.entries()) lines.push_back(currency.lines.front());
      lines.resize(std::min<size_t>(lines.size(), 5));
      Add(true, absl::StrCat("amounts in several currencies, which are not converted: ", absl::StrJoin(counts, ", ")),
          std::move(lines), {});
    }
    if (facts_.bracketed.count > 0) Say(absl::StrCat("brackets mean negative: ", ReadAs(facts_.bracketed.examples)));
    if (facts_.minus_behind.count > 0) Say(ReadAs(facts_.minus_behind.examples));
    if (reading_.form.number.unit_word == "m" && facts_.small_m > 0) {
      Add(true,
          absl::StrCat("the m behind the numbers is taken as a unit, not as millions: ",
                       ReadAs(facts_.multiplied.examples)),
          {}, {Flag("--scale", "1000000")});
    } else if (facts_.multiplied.count > 0) {
      // 1K, 4K and 8K may be amounts or the names of screen resolutions.
      constexpr int kFewValues = 4;
      const bool names = std::popcount(facts_.number_bits) <= kFewValues && reading_.currencies.empty() &&
                         facts_.multiplied.count * 20 >= reading_.present * 19 && reading_.present > 2 * kFewValues;
      Say(absl::StrCat(ReadAs(facts_.multiplied.examples), names ? "; the few different ones may also be names" : ""),
          names ? std::vector<std::string>{Flag("--kind", "categorical")} : std::vector<std::string>{});
    }
  }

  // Whether a number without a word is none of zero.
  bool BareNumbers() const {
    for (const CellGroup& group : facts_.digits) {
      for (const CellExample& example : group.examples) {
        if (ParseNumber(example.second, reading_.form.number).value_or(0) != 0) return true;
      }
    }
    return false;
  }

  // The word behind the numbers, or before them; it may be a factor.
  void Units() {
    if (facts_.dashes_for_zero.count > 0) Say(ReadAs(facts_.dashes_for_zero.examples));
    if (facts_.triangles.count > 0) {
      const int64_t numbers = reading_.present - reading_.unread;
      Add(facts_.triangles.count * 10 >= numbers * 9,
          absl::StrCat("a triangle means negative: ", ReadAs(facts_.triangles.examples)), {},
          {Flag("--kind", "categorical")});
    }
    const std::string& word = reading_.form.number.unit_word;
    if (word.empty() || word == "m") return;
    std::vector<CellExample> worded;
    for (const CellGroup& group : facts_.worded)
      worded.insert(worded.end(), group.examples.begin(), group.examples.end());
    std::sort(worded.begin(), worded.end());
    const std::string read = ReadAs(worded);
    if (facts_.words_before > 0) {
      return Say(absl::StrCat("the word ", Quoted(word), " before the numbers is taken as their unit: ", read),
                 {Flag("--kind", "categorical")});
    }
    const std::string taken =
        absl::StrCat("the word ", Quoted(word), " behind the numbers is taken as a unit, not as a factor");
    if (const std::optional<int> scale = PossibleScale(word); scale.has_value()) {
      Add(true, absl::StrCat(taken, ", though it may be one: ", read), {},
          {Flag("--scale", absl::StrCat("1", std::string(static_cast<size_t>(*scale), '0')))});
    } else if (!reading_.currencies.empty()) {
      Add(true, absl::StrCat(taken, ", though the amounts have a currency as well: ", read), {},
          {Flag("--kind", "categorical")});
    } else if (facts_.multiplied.count > facts_.small_m) {
      Add(true,
          absl::StrCat(taken, ", though other numbers have one: ", read, ", but ", ReadAs(facts_.multiplied.examples)),
          LinesOf(facts_.multiplied.examples), {Flag("--kind", "categorical")});
    } else if (BareNumbers()) {
      Add(true, absl::StrCat(taken, ", though not all numbers have it: ", read), {}, {Flag("--kind", "categorical")});
    }
  }

  void Times() {
    const TimeFormat format = reading_.form.time;
    std::string example;
    for (const std::string& cell : reading_.examples) {
      const std::optional<int64_t> time = ParseTime(cell, format);
      if (!time.has_value() || (format == TimeFormat::kIso && ParseIsoTime(cell).has_value())) continue;
      example = absl::StrCat(Quoted(cell), " is read as ", FormatTime(*time).substr(0, 10));
      if (IsRange(cell, format)) absl::StrAppend(&example, ", where the range begins");
      break;
    }
    if (example.empty()) return;
    std::vector<std::string> flags;
    // The other order, unless the cells show that it cannot be read.
    const bool may_be_month_first = column_.time->day_first_lines.empty() || !column_.time->month_first_lines.empty();
    const bool may_be_day_first = column_.time->month_first_lines.empty() || !column_.time->day_first_lines.empty();
    if (format == TimeFormat::kDayFirst && may_be_month_first) flags = {Flag("--dates", "month-first")};
    if (format == TimeFormat::kMonthFirst && may_be_day_first) flags = {Flag("--dates", "day-first")};
    const bool numbers = format == TimeFormat::kCompact || facts_.dotted_months > 0;
    if (numbers) flags = {Flag("--kind", "numeric")};
    if (column_.time->short_years && format == TimeFormat::kYearFirst && !column_.given_kind) {
      const ShortDates& dates = facts_.short_dates;
      if (dates.year_last == dates.year_first) flags = {Flag("--dates", "day-first")};
      Say(absl::StrCat(example, ", the year having two digits and standing first"), std::move(flags));
    } else if (column_.time->open_years && !column_.given_kind) {
      // 17-05-24 is the form of dates that may begin with their year.
      flags.push_back(Flag("--dates", "year-first"));
      Add(true, absl::StrCat(example, ", the year having two digits and standing last"), {}, std::move(flags));
    } else {
      Say(example, std::move(flags));
    }
  }

  // Whether a time is the start of a range, and no point in time.
  static bool IsRange(absl::string_view cell, TimeFormat format) {
    const auto range = SplitRange(cell);
    return range.has_value() && ParseTime(range->first, format).has_value() &&
           ParseTime(range->second, format).has_value();
  }

  // Spans of time that are words.
  void Spans() {
    // The cells of a column of words are not all looked at.
    const auto most = [this](const CellGroup& group) {
      return group.count > 0 && group.count * 2 > std::min<int64_t>(facts_.others.count, 1000);
    };
    if (most(facts_.clock_times)) {
      Say(absl::StrCat("times of day or durations such as ", Quoted(facts_.clock_times.examples.front().second),
                       " are read as words; as numbers of seconds or minutes they would be numbers"));
    }
    if (most(facts_.open_ranges)) {
      Add(true,
          absl::StrCat("ranges of dates such as ", Quoted(facts_.open_ranges.examples.front().second),
                       " are read as words, because their start is no whole date; a column with the start alone would "
                       "be a time"),
          LinesOf(facts_.open_ranges.examples), {});
    }
  }

  // Other dates may stand beside it, such as 2024-05-05.
  const std::string& DateInEitherOrder() const {
    constexpr TimeFormatSet kEither = TimeFormatBit(TimeFormat::kDayFirst) | TimeFormatBit(TimeFormat::kMonthFirst);
    const auto group = std::find_if(facts_.times.begin(), facts_.times.end(),
                                    [](const TimeGroup& times) { return (times.formats & kEither) == kEither; });
    return (group == facts_.times.end() ? facts_.times.front() : *group).cells.examples.front().second;
  }

  void Words() {
    Spans();
    if (!column_.given_kind) AddIfAny(NoteOfOpenMonths(facts_, column_.name));
    const TimeDecision& time = *column_.time;
    if (reading_.ambiguous && time.ambiguous) {
      Add(true,
          absl::StrCat(
              "dates such as ", Quoted(DateInEitherOrder()),
              " do not show whether the day or the month comes first, because no part is over 12; they are read as "
              "words"),
          {}, DateOrders());
    } else if (reading_.ambiguous && time.contradictory) {
      std::vector<int64_t> lines = time.day_first_lines;
      lines.insert(lines.end(), time.month_first_lines.begin(), time.month_first_lines.end());
      lines.resize(std::min<size_t>(lines.size(), 5));
      Add(true,
          absl::StrCat("in some dates the day comes first (line ", absl::StrJoin(time.day_first_lines, ", "),
                       "), in others the month (line ", absl::StrJoin(time.month_first_lines, ", "),
                       "); they are read as words"),
          std::move(lines), DateOrders());
    }
    if (column_.identifiers) {
      const CellGroup& zeros = facts_.leading_zeros;
      const CellGroup& cells = zeros.count > 0 ? zeros : facts_.long_digits;
      // As numbers, different identifiers would become the same.
      std::vector<std::string> flags;
      if (facts_.long_digits.count == 0) flags.push_back(Flag("--kind", "numeric"));
      Say(absl::StrCat("numbers such as ", Quoted(cells.examples.front().second),
                       zeros.count > 0 ? " begin with 0" : " have more digits than a number can hold exactly",
                       ": they are read as words"),
          std::move(flags));
    }
    std::optional<TableNote> two_kinds;
    if (!column_.given_kind) two_kinds = NoteOfSerialsAndDates(facts_);
    if (two_kinds.has_value()) {
      AddIfAny(std::move(two_kinds));
    } else if (!TwoNotations() && column_.nearly_numbers) {
      const CellExample& first = facts_.others.examples.empty() ? UnreadableNumber() : facts_.others.examples.front();
      const int64_t unread = reading_.present - column_.number->readable;
      Add(true,
          absl::StrCat(unread, " of ", Cells(reading_.present), unread == 1 ? " is no number" : " are no numbers",
                       ", such as ", Quoted(first.second), " in line ", first.first, ": the column is read as words"),
          {first.first}, {Flag("--kind", "numeric")});
    }
    for (const std::string& word : reading_.frequent_missing_words) {
      for (const TextCounter::Entry& entry : facts_.missing_words.entries()) {
        if (entry.text != word) continue;
        Add(true,
            absl::StrCat(Quoted(word), " often means that a value is missing, but stands in ", Cells(entry.count),
                         " of this column: it is read as a word like the others"),
            entry.lines, {ColumnFlag("--missing-values", "", word)});
      }
    }
  }

  // Whether nearly all cells are numbers, some with a decimal point and others with a decimal comma; then a warning.
  bool TwoNotations() {
    using Classes = std::initializer_list<DigitClass>;
    int64_t numbers = 0;
    for (size_t i = 0; i < kDigitClasses; ++i) numbers += Count(static_cast<DigitClass>(i));
    if (column_.given_kind || column_.identifiers || numbers * 10 < reading_.present * 9) return false;
    const auto first_of = [this](const Classes& classes) {
      const CellExample* first = nullptr;
      for (const DigitClass digits : classes) {
        if (Examples(digits).empty()) continue;
        const CellExample& example = Examples(digits).front();
        if (first == nullptr || example.first < first->first) first = &example;
      }
      return first;
    };
    const CellExample* const point =
        first_of({DigitClass::kDotDecimal, DigitClass::kCommaGroups, DigitClass::kCommaGroupsDotDecimal});
    const CellExample* const comma =
        first_of({DigitClass::kCommaDecimal, DigitClass::kDotGroups, DigitClass::kDotGroupsCommaDecimal});
    if (point == nullptr || comma == nullptr) return false;
    Add(true,
        absl::StrCat("the numbers are in two notations: ", Quoted(point->second), " in line ", point->first,
                     " has a decimal point, ", Quoted(comma->second), " in line ", comma->first,
                     " a decimal comma; the column is read as words until they are written alike"),
        {point->first, comma->first}, {});
    return true;
  }

  const CellExample& UnreadableNumber() const {
    static const CellExample none;
    for (size_t i = 0; i < kDigitClasses; ++i) {
      const auto digits = static_cast<DigitClass>(i);
      if (!facts_.digits[i].examples.empty() && !ReadsGroup(column_.number->form, digits, false)) {
        return facts_.digits[i].examples.front();
      }
      if (!facts_.worded[i].examples.empty()) return facts_.worded[i].examples.front();
    }
    return facts_.times.empty() ? none : facts_.times.front().cells.examples.front();
  }

  const ColumnDecision& column_;
  const ColumnFacts& facts_;
  const ColumnReading& reading_;
  std::vector<TableNote> notes_;
};

}  // namespace

std::vector<TableNote> NotesOf(const ColumnDecision& column) { return ColumnNotes(column).Take(); }

}  // namespace roicast
