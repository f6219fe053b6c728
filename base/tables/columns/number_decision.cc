#include "base/tables/columns/number_decision.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <utility>
#include <vector>

namespace roicast {
namespace {

// In the order of preference where the cells are read alike.
constexpr std::array<std::pair<char, Grouping>, 8> kForms = {{{'.', Grouping::kNone},
                                                              {',', Grouping::kNone},
                                                              {'.', Grouping::kComma},
                                                              {',', Grouping::kDot},
                                                              {'.', Grouping::kBlank},
                                                              {',', Grouping::kBlank},
                                                              {'.', Grouping::kApostrophe},
                                                              {',', Grouping::kApostrophe}}};

int64_t CountOf(const ColumnFacts& facts, DigitClass digits) { return facts.digits[static_cast<size_t>(digits)].count; }

int64_t Sum(const std::array<CellGroup, kDigitClasses>& groups) {
  int64_t sum = 0;
  for (const CellGroup& group : groups) sum += group.count;
  return sum;
}

// The unit word that stands behind nearly all numbers; empty if there is none.
std::string UnitWord(const ColumnFacts& facts) {
  const int64_t worded = Sum(facts.worded);
  const int64_t numbers = worded + Sum(facts.digits);
  if (const TextCounter::Entry* most = facts.unit_words.Most();
      most != nullptr && most->count * 20 >= worded * 19 && worded * 10 >= numbers * 9) {
    return most->text;
  }
  // Metres or minutes, unless something says that they are millions.
  const bool millions = !facts.currencies.entries().empty() || facts.multiplied.count > facts.small_m;
  return !millions && facts.small_m > 0 && facts.small_m * 10 >= numbers * 9 ? "m" : "";
}

int64_t ReadableCells(const ColumnFacts& facts, const NumberForm& form) {
  const TextCounter::Entry* most = facts.unit_words.Most();
  const bool worded = most != nullptr && most->text == form.unit_word;
  int64_t readable = 0;
  for (size_t i = 0; i < kDigitClasses; ++i) {
    if (!Readable(static_cast<DigitClass>(i), form.decimal_mark, form.grouping)) continue;
    readable += facts.digits[i].count + (worded ? facts.worded[i].count : 0);
  }
  // Numbers with another word; their digits are taken to be like the others.
  return worded ? readable - (Sum(facts.worded) - most->count) : readable;
}

// A column whose only separators stand before exactly three digits.
class Ambiguity {
 public:
  Ambiguity(const ColumnFacts& facts, bool dots) : dots_(dots) {
    either_ = CountOf(facts, dots ? DigitClass::kDotEither : DigitClass::kCommaEither) +
              facts.worded[static_cast<size_t>(dots ? DigitClass::kDotEither : DigitClass::kCommaEither)].count;
    short_integers_ = facts.short_integers;
    // A single one among many may be a slip.
    long_integers_ = facts.long_integers * 20 >= either_ && facts.long_integers > 0;
  }

  bool dots() const { return dots_; }
  int64_t either() const { return either_; }
  bool long_integers() const { return long_integers_; }
  // Decimals of three digits throughout leave no number without a mark, and where trailing zeros are cut, one in ten
  // has fewer digits. Five cells are few, but the note says that it is a guess.
  bool ThousandsByShortIntegers() const { return short_integers_ > 0 && either_ >= 5 && !long_integers_; }

 private:
  bool dots_;
  int64_t either_ = 0;
  int64_t short_integers_ = 0;
  bool long_integers_ = false;
};

// What the columns that allow one reading show about the file.
struct FileMarks {
  int points = 0;
  int commas = 0;
};

class FileDecision {
 public:
  FileDecision(absl::Span<NumberColumn> columns, char delimiter) : columns_(columns), delimiter_(delimiter) {}

  void Decide() {
    std::vector<NumberColumn*> open;
    for (NumberColumn& column : columns_) {
      if (!DecideAlone(column)) open.push_back(&column);
    }
    for (const NumberColumn& column : columns_) CountMarks(column);
    // First those whose own cells say more, then the others in their light.
    std::vector<NumberColumn*> last;
    FileMarks resolved;
    for (NumberColumn* column : open) {
      if (!DecideByEvidence(*column, AmbiguityOf(*column->facts))) {
        last.push_back(column);
      } else {
        ++(column->decision.form.decimal_mark == '.' ? resolved.points : resolved.commas);
      }
    }
    for (NumberColumn* column : last) {
      if (resolved.points != resolved.commas) {
        Set(*column, resolved.points > resolved.commas ? '.' : ',', NumberReason::kOtherColumns);
        column->decision.guess = true;
      } else {
        // Files with semicolons come from where the comma is the decimal mark.
        Set(*column, delimiter_ == ';' ? ',' : '.', NumberReason::kDelimiter);
        column->decision.by_default = delimiter_ != ';';
      }
    }
  }

 private:
  static Ambiguity AmbiguityOf(const ColumnFacts& facts) {
    const Ambiguity dots(facts, true), commas(facts, false);
    return dots.either() >= commas.either() ? dots : commas;
  }

  // The best form with this decimal mark.
  static NumberDecision Best(const NumberColumn& column, std::optional<char> mark) {
    NumberDecision best;
    best.readable = -1;
    for (const auto& [decimal_mark, grouping] : kForms) {
      if (mark.has_value() && decimal_mark != *mark) continue;
      NumberForm form;
      form.decimal_mark = decimal_mark;
      form.grouping = grouping;
      form.unit_word = UnitWord(*column.facts);
      const int64_t readable = ReadableCells(*column.facts, form);
      if (readable > best.readable) best = {form, readable};
    }
    return best;
  }

  static void Set(NumberColumn& column, char mark, NumberReason reason) {
    column.decision = Best(column, mark);
    column.decision.ambiguous = true;
    column.decision.reason = reason;
    column.decision.guess = reason != NumberReason::kOtherColumns && reason != NumberReason::kLongIntegers;
  }

  // False if the cells allow two readings; true sets the decision.
  static bool DecideAlone(NumberColumn& column) {
    if (column.decimal_mark.has_value()) {
      column.decision = Best(column, column.decimal_mark);
      column.decision.reason = NumberReason::kGiven;
      return true;
    }
    const NumberDecision point = Best(column, '.');
    const NumberDecision comma = Best(column, ',');
    column.decision = comma.readable > point.readable ? comma : point;
    const int64_t either = AmbiguityOf(*column.facts).either();
    if (either == 0) return true;
    const int64_t difference = std::abs(point.readable - comma.readable);
    if (difference == 0) {
      column.decision.ambiguous = true;
      return false;
    }
    if (difference * 100 <= either) {
      column.decision.ambiguous = column.decision.guess = true;
      column.decision.reason = NumberReason::kFewCells;
    }
    return true;
  }

  void CountMarks(const NumberColumn& column) {
    if (column.decision.ambiguous || column.decision.readable * 2 < column.facts->present()) return;
    const auto has = [&column](std::initializer_list<DigitClass> classes) {
      return std::any_of(classes.begin(), classes.end(), [&column](DigitClass digits) {
        return Readable(digits, column.decision.form.decimal_mark, column.decision.form.grouping) &&
               (CountOf(*column.facts, digits) > 0 || column.facts->worded[static_cast<size_t>(digits)].count > 0);
      });
    };
    const bool given = column.decision.reason == NumberReason::kGiven;
    const bool point = has({DigitClass::kDotDecimal, DigitClass::kCommaGroups, DigitClass::kCommaGroupsDotDecimal,
                            DigitClass::kBlankGroupsDotDecimal, DigitClass::kApostropheGroupsDotDecimal}) ||
                       (given && has({DigitClass::kDotEither}));
    const bool comma = has({DigitClass::kCommaDecimal, DigitClass::kDotGroups, DigitClass::kDotGroupsCommaDecimal,
                            DigitClass::kBlankGroupsCommaDecimal, DigitClass::kApostropheGroupsCommaDecimal}) ||
                       (given && has({DigitClass::kCommaEither}));
    marks_.points += point && column.decision.form.decimal_mark == '.' ? 1 : 0;
    marks_.commas += comma && column.decision.form.decimal_mark == ',' ? 1 : 0;
  }

  // False if neither the file's certain columns nor the column itself says anything.
  bool DecideByEvidence(NumberColumn& column, const Ambiguity& ambiguity) const {
    const char decimal = ambiguity.dots() ? '.' : ',';
    const char thousands = ambiguity.dots() ? ',' : '.';
    if (marks_.points != marks_.commas) {
      const char mark = marks_.points > marks_.commas ? '.' : ',';
      Set(column, mark, NumberReason::kOtherColumns);
      column.decision.guess =
          mark == decimal ? column.counts || ambiguity.ThousandsByShortIntegers() : ambiguity.long_integers();
      return true;
    }
    if (ambiguity.long_integers()) {
      Set(column, decimal, NumberReason::kLongIntegers);
      column.decision.guess = column.counts;
      return true;
    }
    if (ambiguity.ThousandsByShortIntegers()) {
      Set(column, thousands, NumberReason::kShortIntegers);
      return true;
    }
    return false;
  }

  absl::Span<NumberColumn> columns_;
  char delimiter_;
  FileMarks marks_;
};

}  // namespace

void DecideNumberForms(absl::Span<NumberColumn> columns, char delimiter) { FileDecision(columns, delimiter).Decide(); }

bool ReadsGroup(const NumberForm& form, DigitClass digits, bool worded) {
  return Readable(digits, form.decimal_mark, form.grouping) && (!worded || !form.unit_word.empty());
}

}  // namespace roicast
