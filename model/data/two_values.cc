#include "model/data/two_values.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tables/note.h"
#include "base/tables/number_form.h"

namespace roicast {
namespace {

// Fewer rows may have two numbers by chance.
constexpr int64_t kFewestRowsOfTwoNumbers = 20;
constexpr size_t kMostWordsShown = 4;

constexpr absl::string_view kPositiveWords[] = {
    "1",         "true",     "t",       "yes",        "y",         "ja",         "oui",       "si",
    "sí",        "sim",      "да",      "是",         "はい",      "wahr",       "vrai",      "on",
    "pos",       "positive", "success", "successful", "converted", "conversion", "churn",     "churned",
    "cancelled", "canceled", "clicked", "click",      "bought",    "buy",        "buyer",     "purchased",
    "purchase",  "sold",     "won",     "responded",  "response",  "accepted",   "subscribed"};
constexpr absl::string_view kNegativeWords[] = {
    "0",      "false",  "f",    "no",  "n",    "nein", "non",      "não",     "nao",  "нет",      "否",
    "いいえ", "falsch", "faux", "off", "none", "neg",  "negative", "failure", "lost", "rejected", "-1"};

// One of the distinct values of a column.
struct Value {
  std::string text;
  double number = std::numeric_limits<double>::quiet_NaN();  // of a column of numbers
  int64_t rows = 0;
};

std::string Folded(absl::string_view text) { return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text)); }

bool IsAmong(const absl::string_view* from, const absl::string_view* to, const std::string& folded) {
  return std::find(from, to, folded) != to;
}
bool IsPositiveWord(const std::string& folded) {
  return IsAmong(std::begin(kPositiveWords), std::end(kPositiveWords), folded);
}
bool IsNegativeWord(const std::string& folded) {
  return IsAmong(std::begin(kNegativeWords), std::end(kNegativeWords), folded);
}

// "not converted" negates "converted".
bool Negates(const std::string& folded, const std::string& other) {
  for (const absl::string_view prefix :
       {"not ", "not_", "not-", "no ", "no_", "non ", "non-", "non_", "un", "nicht "}) {
    if (folded == absl::StrCat(prefix, other)) return true;
  }
  return false;
}

bool IsValue(const Value& value, const std::string& said) {
  if (Folded(value.text) == Folded(said)) return true;
  const std::optional<double> number = ParseNumber(said, NumberForm());
  return number.has_value() && *number == value.number;
}

class TwoValueFinder {
 public:
  TwoValueFinder(const Column& column, const TargetSpec& spec) : column_(column), spec_(spec) {}

  absl::StatusOr<std::optional<TwoValues>> Run() {
    if (spec_.kind == TargetKind::kNumber || spec_.kind == TargetKind::kZeroHeavy) return std::optional<TwoValues>();
    if (column_.kind == FeatureKind::kTime) return Unless(spec_.kind == TargetKind::kTwoValued, "times");
    if (column_.kind == FeatureKind::kNumeric) {
      CollectNumbers();
      if (spec_.kind == TargetKind::kAuto && !AreTwoByThemselves()) return std::optional<TwoValues>();
    } else {
      CollectWords();
    }
    if (values_.size() > 2) return Unless(spec_.kind == TargetKind::kTwoValued, ValuesText());
    if (values_.empty()) return std::optional<TwoValues>();
    return Choose();
  }

 private:
  std::string Where() const { return absl::StrCat("target.column (--target): column \"", column_.name, "\""); }

  // An error where two values were asked for; else the column is none of them.
  absl::StatusOr<std::optional<TwoValues>> Unless(bool asked, absl::string_view got) const {
    if (!asked) return std::optional<TwoValues>();
    return absl::InvalidArgumentError(
        absl::StrCat(Where(), ": expected two values, as --target-kind two-valued says, got ", got));
  }

  // `"basic" in 14 rows, "pro" in 1 row`, of the first values.
  std::string ValuesText() const {
    std::vector<std::string> shown;
    for (const Value& value : values_) {
      if (shown.size() == kMostWordsShown) break;
      shown.push_back(absl::StrCat("\"", value.text, "\" in ", value.rows, value.rows == 1 ? " row" : " rows"));
    }
    return absl::StrCat(absl::StrJoin(shown, ", "), values_.size() > shown.size() ? " and others" : "");
  }

  // Ends once it is clear that there are more than two.
  void CollectNumbers() {
    code_.assign(column_.numbers.size(), -1);
    for (size_t row = 0; row < column_.numbers.size(); ++row) {
      const double number = column_.numbers[row];
      if (std::isnan(number)) continue;
      size_t at = 0;
      while (at < values_.size() && values_[at].number != number) ++at;
      if (at == values_.size()) {
        if (at > kMostWordsShown) return;
        values_.push_back({absl::StrCat(number), number, 0});
      }
      ++values_[at].rows;
      code_[row] = static_cast<int>(at);
    }
  }

  void CollectWords() {
    std::vector<int> value_of;
    for (const absl::string_view word : column_.dictionary) {
      size_t at = 0;
      while (at < values_.size() && Folded(values_[at].text) != Folded(word)) ++at;
      if (at == values_.size()) values_.push_back({std::string(word), std::numeric_limits<double>::quiet_NaN(), 0});
      value_of.push_back(static_cast<int>(at));
    }
    for (const int32_t code : column_.codes) {
      code_.push_back(code == kMissingCode ? -1 : value_of[static_cast<size_t>(code)]);
      if (code_.back() >= 0) ++values_[static_cast<size_t>(code_.back())].rows;
    }
  }

  bool AreTwoByThemselves() const {
    const auto whole = [](const Value& value) { return value.number == std::floor(value.number); };
    if (values_.empty() || values_.size() > 2 || !std::all_of(values_.begin(), values_.end(), whole)) return false;
    if (values_.size() == 1) return !spec_.positive_value.empty();
    return values_[0].rows + values_[1].rows >= kFewestRowsOfTwoNumbers || !spec_.positive_value.empty();
  }

  absl::StatusOr<std::optional<TwoValues>> Choose() const {
    int positive = -1;
    if (!spec_.positive_value.empty()) {
      for (size_t i = 0; i < values_.size(); ++i) {
        if (IsValue(values_[i], spec_.positive_value)) positive = static_cast<int>(i);
      }
      if (positive < 0 && values_.size() == 2) {
        return absl::InvalidArgumentError(
            absl::StrCat("target.positive_value (--positive-value): expected one of the values of column \"",
                         column_.name, "\" (", ValuesText(), "), got \"", spec_.positive_value, "\""));
      }
    } else if (values_.size() == 1) {
      return absl::InvalidArgumentError(absl::StrCat(Where(), ": expected two values, got ", ValuesText()));
    } else {
      positive = Guess();
      if (positive < 0) return Undecided();
    }
    TwoValues found;
    for (size_t i = 0; i < values_.size(); ++i) {
      const bool is_positive = static_cast<int>(i) == positive;
      (is_positive ? found.positive : found.negative) = values_[i].text;
      (is_positive ? found.positives : found.negatives) = values_[i].rows;
    }
    if (positive < 0) found.positive = spec_.positive_value;
    for (const int code : code_) {
      found.values.push_back(code < 0 ? std::numeric_limits<double>::quiet_NaN() : code == positive ? 1.0 : 0.0);
    }
    return std::optional<TwoValues>(std::move(found));
  }

  // −1: nothing tells.
  int Guess() const {
    const std::string words[] = {Folded(values_[0].text), Folded(values_[1].text)};
    for (const auto& is_word : {&IsPositiveWord, &IsNegativeWord}) {
      const bool first = is_word(words[0]), second = is_word(words[1]);
      if (first != second) return (is_word == &IsPositiveWord) == first ? 0 : 1;
    }
    if (Negates(words[0], words[1])) return 1;
    if (Negates(words[1], words[0])) return 0;
    return -1;
  }

  absl::Status Undecided() const {
    const bool numbers = column_.kind == FeatureKind::kNumeric;
    return absl::InvalidArgumentError(
        absl::StrCat(Where(), " has two values (", ValuesText(),
                     "), and nothing tells whose probability is to be predicted; say it: ",
                     ColumnFlag("--positive-value", "", values_[0].text), ", or ",
                     ColumnFlag("--positive-value", "", values_[1].text),
                     numbers ? ", or for the number itself: --target-kind number" : ""));
  }

  const Column& column_;
  const TargetSpec& spec_;
  std::vector<Value> values_;
  std::vector<int> code_;  // per row: of values_, or −1
};

}  // namespace

absl::StatusOr<std::optional<TwoValues>> FindTwoValues(const Column& column, const TargetSpec& spec) {
  return TwoValueFinder(column, spec).Run();
}

std::vector<std::string> ColumnsOfTwoValues(const TargetSpec& spec) {
  if (spec.column.empty() || spec.kind == TargetKind::kNumber || spec.kind == TargetKind::kZeroHeavy) return {};
  return {spec.column};
}

}  // namespace roicast
