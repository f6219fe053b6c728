#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "base/tables/column_evidence.h"
#include "base/tables/columns/column_notes.h"
#include "base/tables/columns/count_names.h"
#include "base/tables/columns/number_decision.h"
#include "base/tables/columns/time_decision.h"
#include "base/tables/columns/words_before.h"

namespace roicast {
namespace {

constexpr size_t kUnreadExamples = 5;
// So many different numbers are no categories.
constexpr int kManyNumbers = 12;

int64_t Sum(const std::array<CellGroup, kDigitClasses>& groups) {
  int64_t sum = 0;
  for (const CellGroup& group : groups) sum += group.count;
  return sum;
}

int64_t Numbers(const ColumnFacts& facts) { return Sum(facts.digits) + Sum(facts.worded); }

// A column keeps its kind if few of its cells are unread, whatever the size of the table: one in ten where that is one
// or two cells; one in a hundred, or one in twenty of numbers that are no categories; up to half where they are two or
// three words that repeat, such as "unknown".
bool FewUnread(const ColumnFacts& facts, int64_t readable, int64_t present) {
  const int64_t unread = present - readable;
  if (readable == 0) return false;
  if (unread == 0) return true;
  const bool many = std::popcount(facts.number_bits) >= kManyNumbers || !facts.times.empty();
  if (unread == 1 && present >= 4) return true;
  if (unread == 2 && present >= 20) return true;
  if (unread * (many ? 20 : 100) <= present) return true;
  const std::vector<TextCounter::Entry>& words = facts.other_words.entries();
  // 0000-00-00 and 00.01.1900 stand for no date.
  const auto has_digit = [](const TextCounter::Entry& word) {
    return !absl::StartsWith(word.text, "00") && std::any_of(word.text.begin(), word.text.end(), [](char c) {
      return absl::ascii_isdigit(static_cast<unsigned char>(c));
    });
  };
  const bool repeated = words.size() <= 3 && facts.other_words.left_out() == 0 && unread == facts.others.count &&
                        std::none_of(words.begin(), words.end(), has_digit);
  return many && repeated && unread * 2 <= present;
}

// Whole numbers that name something: they begin with 0, or no double holds them.
bool AreIdentifiers(const ColumnFacts& facts) {
  const int64_t numbers = Numbers(facts);
  if (numbers == 0 || facts.digits[static_cast<size_t>(DigitClass::kInteger)].count != numbers) return false;
  if (facts.percent.count + facts.multiplied.count > 0 || !facts.currencies.entries().empty()) return false;
  if (facts.long_digits.count * 100 >= numbers && facts.long_digits.count > 0) return true;
  const bool negative = facts.smallest < 0 && facts.smallest <= facts.largest;
  return !negative && (facts.leading_zeros.count >= 2 || (facts.leading_zeros.count == 1 && numbers <= 100));
}

// Words that mean missing elsewhere and are too frequent here: at least 5 cells and 1 % of them. What a person said to
// mean missing is none of them.
std::vector<std::string> FrequentMissingWords(const ColumnFacts& facts, const MissingSpellings& missing,
                                              int64_t* cells) {
  constexpr int64_t kFewest = 5;
  std::vector<std::string> words;
  *cells = 0;
  if (facts.present() == 0) return words;
  for (const TextCounter::Entry& entry : facts.missing_words.entries()) {
    // Dashes and a spreadsheet's errors are never words.
    const bool letters = std::any_of(entry.text.begin(), entry.text.end(),
                                     [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); });
    if (!letters || entry.text[0] == '#' || entry.count < kFewest || entry.count * 100 < facts.cells) continue;
    if (missing.IsGiven(entry.text)) continue;
    words.push_back(entry.text);
    *cells += entry.count;
  }
  return words;
}

// The options of all columns, with the column's own on top.
struct Wishes {
  std::optional<ColumnKind> kind;
  std::optional<char> decimal_mark;
  std::optional<TimeFormat> time;
  std::optional<TimeFormat> preferred_time;
  double scale = 1.0;

  static Wishes Of(absl::string_view name, const TableOptions& options) {
    Wishes wishes;
    for (const bool own : {false, true}) {
      for (const ColumnOptions& column : options.columns) {
        if (column.name.empty() == own || (own && column.name != name)) continue;
        if (column.kind.has_value()) wishes.kind = column.kind;
        if (column.decimal_mark.has_value()) wishes.decimal_mark = column.decimal_mark;
        if (column.time.has_value()) (own ? wishes.time : wishes.preferred_time) = column.time;
        if (column.scale.has_value() && own) wishes.scale = *column.scale;
      }
    }
    if (wishes.time.has_value() && !wishes.kind.has_value()) wishes.kind = ColumnKind::kTime;
    return wishes;
  }
};

// One column after the numbers of all have been decided.
class ColumnDecider {
 public:
  ColumnDecider(const ColumnFacts& facts, absl::string_view name, const NumberDecision& number, const Wishes& wishes,
                const MissingSpellings& missing)
      : facts_(facts), number_(number), wishes_(wishes), missing_(missing) {
    time_ = DecideTimeFormat(facts, wishes.preferred_time, wishes.time);
    decision_.name = name;
    decision_.facts = &facts;
    decision_.number = &number_;
    decision_.time = &time_;
    decision_.given_kind = wishes.kind.has_value();
  }

  ColumnReading Decide() {
    reading_.examples = facts_.examples;
    reading_.max_digits = facts_.max_digits;
    reading_.leading_zeros = facts_.leading_zeros.count > 0;
    reading_.percent_cells = facts_.percent.count;
    for (const TextCounter::Entry& entry : facts_.currencies.entries()) reading_.currencies.push_back(entry.text);
    switch (Kind()) {
      case ColumnKind::kNumber:
        ReadNumbers();
        break;
      case ColumnKind::kTime:
        ReadTimes();
        break;
      case ColumnKind::kWords:
        ReadWords();
        break;
    }
    decision_.reading = &reading_;
    reading_.notes = NotesOf(decision_);
    return std::move(reading_);
  }

 private:
  int64_t Quantities() const { return facts_.present() - facts_.bounds.count; }

  ColumnKind Kind() {
    const bool numbers = FewUnread(facts_, number_.readable, Quantities());
    if (numbers && AreNumbersOfTimes()) return ColumnKind::kTime;
    if (wishes_.kind.has_value()) return *wishes_.kind;
    if (numbers && AreIdentifiers(facts_)) {
      decision_.identifiers = true;
      return ColumnKind::kWords;
    }
    if (numbers) return ColumnKind::kNumber;
    if (FewUnread(facts_, time_.readable, facts_.present())) {
      if (time_.format.has_value()) return ColumnKind::kTime;
      reading_.ambiguous = true;
    }
    decision_.nearly_numbers = number_.readable * 2 > Quantities();
    return ColumnKind::kWords;
  }

  // Whether numbers are rather times, such as 20240517, 202405 and 05.2024; sets their format.
  bool AreNumbersOfTimes() {
    if (wishes_.time.has_value() || wishes_.kind.value_or(ColumnKind::kTime) != ColumnKind::kTime) return false;
    // Fewer may be amounts that look like it by chance.
    constexpr int64_t kFewestMonths = 4;
    const bool named = SpeaksOfTime(decision_.name);
    const auto nearly_all = [this](int64_t cells) { return cells > 0 && cells * 20 >= facts_.present() * 19; };
    const int64_t months = named ? facts_.compact_months : 0;
    if (nearly_all(facts_.compact_dates + months)) {
      time_.format = TimeFormat::kCompact;
      time_.readable = facts_.compact_dates + months;
    } else if (nearly_all(facts_.dotted_months) && (named || facts_.dotted_months >= kFewestMonths)) {
      time_.format = TimeFormat::kIso;
      time_.readable = facts_.dotted_months;
    } else {
      return false;
    }
    return true;
  }

  void AddUnread(const CellGroup& group) {
    reading_.unread_examples.insert(reading_.unread_examples.end(), group.examples.begin(), group.examples.end());
  }

  void SortUnread() {
    std::sort(reading_.unread_examples.begin(), reading_.unread_examples.end());
    if (reading_.unread_examples.size() > kUnreadExamples) reading_.unread_examples.resize(kUnreadExamples);
  }

  void AddAmbiguity() {
    using Evidence = ColumnReading::Evidence;
    reading_.evidence = !number_.guess ? Evidence::kCertain : number_.by_default ? Evidence::kNone : Evidence::kWeak;
    for (const DigitClass digits : {DigitClass::kDotEither, DigitClass::kCommaEither}) {
      for (const auto* groups : {&facts_.digits, &facts_.worded}) {
        for (const CellExample& example : (*groups)[static_cast<size_t>(digits)].examples) {
          reading_.ambiguous_examples.push_back(example.second);
        }
      }
    }
  }

  void ReadNumbers() {
    reading_.form.kind = ColumnKind::kNumber;
    reading_.form.number = number_.form;
    reading_.form.number.scale = wishes_.scale;
    reading_.ambiguous = number_.ambiguous;
    if (number_.ambiguous) AddAmbiguity();
    reading_.present = Quantities();
    reading_.missing = facts_.missing + facts_.bounds.count;
    reading_.unread = reading_.present - number_.readable;
    if (facts_.percent.count * 2 > number_.readable) {
      reading_.form.unit = "%";
    } else if (const TextCounter::Entry* most = facts_.currencies.Most(); most != nullptr) {
      reading_.form.unit = most->text;
    } else {
      reading_.form.unit = number_.form.unit_word;
      // "R 1" may be a name; a whole column of amounts shows that the R is the rand.
      if (facts_.words_before > 0 && number_.form.unit_word == "R") {
        reading_.form.unit = "ZAR";
        reading_.currencies.emplace_back("ZAR");
      }
    }
    if (reading_.unread == 0) return;
    AddUnread(facts_.others);
    for (const TimeGroup& group : facts_.times) AddUnread(group.cells);
    for (const auto* groups : {&facts_.digits, &facts_.worded}) {
      for (const CellGroup& group : *groups) {
        for (const CellExample& example : group.examples) {
          if (!ParseNumber(example.second, number_.form).has_value()) reading_.unread_examples.push_back(example);
        }
      }
    }
    SortUnread();
  }

  void ReadTimes() {
    reading_.form.kind = ColumnKind::kTime;
    reading_.form.time = time_.format.value_or(TimeFormat::kIso);
    reading_.present = facts_.present();
    reading_.missing = facts_.missing;
    reading_.unread = std::max<int64_t>(reading_.present - time_.readable, 0);
    if (reading_.unread == 0) return;
    AddUnread(facts_.others);
    AddUnread(facts_.bounds);
    const auto add_if_unread = [this](const CellGroup& group) {
      for (const CellExample& example : group.examples) {
        if (!ParseTime(example.second, reading_.form.time).has_value()) reading_.unread_examples.push_back(example);
      }
    };
    for (const TimeGroup& group : facts_.times) add_if_unread(group.cells);
    for (const CellGroup& group : facts_.digits) add_if_unread(group);
    for (const CellGroup& group : facts_.worded) add_if_unread(group);
    SortUnread();
  }

  void ReadWords() {
    reading_.form.kind = ColumnKind::kWords;
    int64_t frequent = 0;
    reading_.frequent_missing_words = FrequentMissingWords(facts_, missing_, &frequent);
    reading_.present = facts_.present() + frequent;
    reading_.missing = facts_.missing - frequent;
  }

  const ColumnFacts& facts_;
  const NumberDecision& number_;
  const Wishes& wishes_;
  const MissingSpellings& missing_;
  TimeDecision time_;
  ColumnDecision decision_;
  ColumnReading reading_;
};

}  // namespace

absl::StatusOr<std::vector<ColumnReading>> DecideColumns(absl::Span<const ColumnEvidence> evidence,
                                                         absl::Span<const std::string> names, const FileForm& file,
                                                         const TableOptions& options) {
  std::vector<Wishes> wishes;
  std::vector<NumberColumn> numbers;
  // References into it stay valid.
  std::deque<ColumnFacts> with_words_before;
  for (size_t i = 0; i < evidence.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(options.stop));
    wishes.push_back(Wishes::Of(names[i], options));
    const ColumnFacts* facts = &evidence[i].facts();
    if (AreAmounts(*facts, evidence[i].words_before())) {
      facts = &with_words_before.emplace_back(WithWordsBefore(*facts, evidence[i].words_before()));
    }
    numbers.push_back({facts, wishes[i].decimal_mark, NamesACount(names[i]), {}});
  }
  DecideNumberForms(absl::MakeSpan(numbers), file.delimiter);
  std::vector<ColumnReading> readings;
  for (size_t i = 0; i < evidence.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(options.stop));
    readings.push_back(
        ColumnDecider(*numbers[i].facts, names[i], numbers[i].decision, wishes[i], options.missing).Decide());
  }
  return readings;
}

}  // namespace roicast
