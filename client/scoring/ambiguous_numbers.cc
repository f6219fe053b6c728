#include "client/scoring/ambiguous_numbers.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/tables/note.h"
#include "client/cell_error.h"
#include "client/scoring/seen_range.h"

namespace roicast::client {
namespace {

using Evidence = ColumnReading::Evidence;

Grouping GroupingOf(const std::string& separator) {
  if (separator == ",") return Grouping::kComma;
  if (separator == ".") return Grouping::kDot;
  if (separator == "'" || separator == "’") return Grouping::kApostrophe;
  return Grouping::kBlank;
}

class AmbiguousColumn {
 public:
  AmbiguousColumn(const v1::Feature& feature, const std::string& column, const ColumnReading& cells,
                  const v1::ColumnReading* learnt)
      : column_(column), cells_(cells), learnt_(learnt), range_(SeenRange::Of(feature)) {}

  absl::StatusOr<AmbiguousReading> Decide() const {
    const char file = cells_.form.number.decimal_mark;
    const std::optional<char> training = LearntMark();
    const std::optional<char> likely = MarkByRange();
    if (cells_.evidence == Evidence::kCertain) {
      if (likely.value_or(file) != file) return Undecided(file, *likely);
      if (training.value_or(file) != file) return AmbiguousReading{FormOf(file), "as other numbers of the file"};
    } else if (likely.has_value()) {
      return AmbiguousReading{
          FormOf(*likely),
          training == likely ? "as in training"
                             : absl::StrCat("because only so they are like those of training (", range_->Text(), ")")};
    } else if (cells_.evidence == Evidence::kWeak && training.value_or(file) != file) {
      return Undecided(file, *training);
    }
    if (!training.has_value()) return AmbiguousReading{cells_.form.number, ""};
    return AmbiguousReading{FormOf(*training), "as in training"};
  }

 private:
  std::optional<char> LearntMark() const {
    if (learnt_ == nullptr || learnt_->decimal_mark() == v1::DECIMAL_MARK_UNSPECIFIED) return std::nullopt;
    return learnt_->decimal_mark() == v1::DECIMAL_MARK_COMMA ? ',' : '.';
  }

  NumberForm FormOf(char mark) const {
    NumberForm form = cells_.form.number;
    form.decimal_mark = mark;
    // What can be read in two ways has the other mark, which then groups thousands.
    form.grouping = mark == ',' ? Grouping::kDot : Grouping::kComma;
    if (LearntMark() == mark && !learnt_->thousands_separator().empty()) {
      form.grouping = GroupingOf(learnt_->thousands_separator());
    }
    return form;
  }

  // Of the cells that can be read in two ways; as training scaled them, unless a person said how.
  std::vector<double> ValuesWith(char mark) const {
    NumberForm form = cells_.form.number;
    form.decimal_mark = mark;
    form.grouping = mark == ',' ? Grouping::kDot : Grouping::kComma;
    if (form.scale == 1.0 && learnt_ != nullptr && learnt_->scale() != 0) form.scale = learnt_->scale();
    std::vector<double> values;
    for (const std::string& cell : cells_.ambiguous_examples) {
      if (const std::optional<double> value = ParseNumber(cell, form); value.has_value()) values.push_back(*value);
    }
    return values;
  }

  // The one mark with which the cells are like the values of training.
  std::optional<char> MarkByRange() const {
    if (!range_.has_value()) return std::nullopt;
    const std::vector<double> point = ValuesWith('.'), comma = ValuesWith(',');
    if (range_->Holds(point) && range_->HoldsNone(comma)) return '.';
    if (range_->Holds(comma) && range_->HoldsNone(point)) return ',';
    return std::nullopt;
  }

  absl::Status Undecided(char file, char training) const {
    const auto name = [](char mark) { return mark == ',' ? "comma" : "point"; };
    std::string example = "the numbers can be read in two ways";
    const std::vector<double> point = ValuesWith('.'), comma = ValuesWith(',');
    if (!point.empty() && !comma.empty()) {
      example = absl::StrFormat("\"%s\" is %.10g with a decimal point and %.10g with a decimal comma",
                                Excerpt(cells_.ambiguous_examples.front()), point.front(), comma.front());
    }
    return absl::InvalidArgumentError(
        absl::StrCat("column \"", column_, "\": ", example, "; the file looks as if it had a decimal ", name(file),
                     ", but training speaks for a ", name(training), ": say which, ",
                     ColumnFlag("--decimal", column_, name(file)), " or =", name(training)));
  }

  const std::string& column_;
  const ColumnReading& cells_;
  const v1::ColumnReading* const learnt_;
  const std::optional<SeenRange> range_;
};

}  // namespace

absl::StatusOr<AmbiguousReading> ReadAmbiguousNumbers(const v1::Feature& feature, const std::string& column,
                                                      const ColumnReading& cells, const v1::ColumnReading* learnt) {
  return AmbiguousColumn(feature, column, cells, learnt).Decide();
}

}  // namespace roicast::client
