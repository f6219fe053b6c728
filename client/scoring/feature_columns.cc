#include "client/scoring/feature_columns.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/nearest_name.h"
#include "base/spend_names.h"
#include "base/status_macros.h"
#include "base/tables/number_form.h"
#include "base/tables/spelling/currency.h"
#include "client/cell_error.h"
#include "client/scoring/ambiguous_numbers.h"
#include "client/scoring/column_options.h"
#include "client/scoring/seen_range.h"

namespace roicast::client {
namespace {

// How the model's own table wrote the column; nullptr if that is not recorded.
const v1::ColumnReading* Learnt(const v1::Model& model, const std::string& name) {
  for (const v1::ColumnReading& column : model.report().cleaning().reading().columns()) {
    if (column.name() == name) return &column;
  }
  return nullptr;
}

const ColumnOptions* Said(absl::Span<const ColumnOptions> said, const std::string& name) {
  const auto found = std::find_if(said.begin(), said.end(), [&](const ColumnOptions& one) { return one.name == name; });
  return found == said.end() ? nullptr : &*found;
}

// Fills in what the cells of one column do not tell.
class FormOfFeature {
 public:
  FormOfFeature(const v1::Feature& feature, const std::string& column, const ColumnReading& cells,
                const v1::ColumnReading* learnt, const ColumnOptions* said)
      : feature_(feature), column_(column), cells_(cells), learnt_(learnt), said_(said), form_(cells.form) {}

  absl::Status Decide() {
    switch (feature_.kind()) {
      case v1::FEATURE_KIND_NUMERIC:
        return DecideNumber();
      case v1::FEATURE_KIND_TIME:
        return DecideTime();
      default:
        form_.kind = ColumnKind::kWords;
        return absl::OkStatus();
    }
  }

  const ColumnForm& form() const { return form_; }
  std::vector<TableNote> TakeNotes() { return std::move(notes_); }

 private:
  absl::Status DecideNumber() {
    form_.kind = ColumnKind::kNumber;
    const bool marked = said_ != nullptr && said_->decimal_mark.has_value();
    if (cells_.ambiguous && !marked) {
      ROICAST_ASSIGN_OR_RETURN(const AmbiguousReading read, ReadAmbiguousNumbers(feature_, column_, cells_, learnt_));
      form_.number = read.form;
      const bool comma = form_.number.decimal_mark == ',';
      if (!read.because.empty()) {
        Note(absl::StrCat("the numbers can be read in two ways; they are read with a decimal ",
                          comma ? "comma, " : "point, ", read.because),
             {ColumnFlag("--decimal", column_, comma ? "point" : "comma")});
      }
    }
    const bool scaled = said_ != nullptr && said_->scale.has_value();
    if (!scaled && learnt_ != nullptr && learnt_->scale() != 0 && learnt_->scale() != 1) {
      form_.number.scale = learnt_->scale();
      Note(absl::StrCat("the numbers are multiplied by ", learnt_->scale(), ", as in training"),
           {ColumnFlag("--scale", column_, "1")});
    } else if (!scaled && learnt_ != nullptr && cells_.present > 0) {
      std::optional<TableNote> note =
          UnitNote(column_, learnt_->unit(), cells_.form.unit, {cells_.examples, form_.number, &feature_});
      if (note.has_value()) notes_.push_back(*std::move(note));
    }
    return absl::OkStatus();
  }

  absl::Status DecideTime() {
    if (form_.kind == ColumnKind::kTime || cells_.present == 0) {
      form_.kind = ColumnKind::kTime;
      return absl::OkStatus();
    }
    const std::optional<TimeFormat> learnt = learnt_ == nullptr ? std::nullopt : TimeFormatFromProto(learnt_->times());
    // One cell that the format reads is enough: the others are refused row by row.
    const bool fits = learnt.has_value() &&
                      std::any_of(cells_.examples.begin(), cells_.examples.end(),
                                  [&](const std::string& cell) { return ParseTime(cell, *learnt).has_value(); });
    if (!fits) {
      const std::string example = cells_.examples.empty() ? "" : Excerpt(cells_.examples.front());
      return absl::InvalidArgumentError(absl::StrCat(
          "column \"", column_, "\": expected times, got \"", example,
          "\"; if these are times, say how they are written: ", ColumnFlag("--dates", column_, "day-first"),
          " or =month-first, =epoch, =excel"));
    }
    form_.kind = ColumnKind::kTime;
    form_.time = *learnt;
    if (*learnt != TimeFormat::kIso) {
      Note(absl::StrCat("nothing in the file tells how the times are written; they are read ", TimeFormatName(*learnt),
                        ", as in training"),
           {ColumnFlag(
               "--dates", column_,
               TimeFormatName(*learnt == TimeFormat::kDayFirst ? TimeFormat::kMonthFirst : TimeFormat::kDayFirst))});
    }
    return absl::OkStatus();
  }

  void Note(std::string message, std::vector<std::string> flags) {
    TableNote note;
    note.warning = true;
    note.column = column_;
    note.message = std::move(message);
    note.flags = std::move(flags);
    notes_.push_back(std::move(note));
  }

  const v1::Feature& feature_;
  const std::string& column_;
  const ColumnReading& cells_;
  const v1::ColumnReading* learnt_;
  const ColumnOptions* said_;
  ColumnForm form_;
  std::vector<TableNote> notes_;
};

// Says which column a feature is read from, where a person named one.
TableNote GivenColumnNote(const std::string& feature, const std::string& column, bool has_own) {
  TableNote note;
  note.message = absl::StrCat("the feature \"", feature, "\" is read from the column \"", column, "\"",
                              has_own ? ", not from the one of its own name" : "");
  return note;
}

// `, which is within the range of training, 0.001 to 0.07` if the cells are like the values of training as they stand,
// and would not be if they were multiplied by the factor; else empty.
std::string RangeThatHolds(const UnitCells& cells, double factor) {
  const std::optional<SeenRange> range = cells.feature == nullptr ? std::nullopt : SeenRange::Of(*cells.feature);
  if (!range.has_value()) return "";
  std::vector<double> values, changed;
  for (const std::string& cell : cells.examples) {
    const std::optional<double> value = ParseNumber(cell, cells.form);
    if (!value.has_value()) continue;
    values.push_back(*value);
    changed.push_back(*value * factor);
  }
  if (!range->Holds(values) || !range->HoldsNone(changed)) return "";
  return absl::StrCat(", which is within the range of training, ", range->Text());
}

// A name without what stands in brackets and without currencies, in lower case: "Cost (USD)" and "cost_eur" → "cost".
std::string BareName(const std::string& name) {
  std::string bare;
  int depth = 0;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '(' || c == '[') ++depth;
    if (depth == 0) bare.push_back(absl::ascii_isalnum(byte) || byte >= 0x80 ? c : ' ');
    if (c == ')' || c == ']') depth = std::max(depth - 1, 0);
  }
  std::vector<std::string> words = absl::StrSplit(absl::AsciiStrToLower(bare), ' ', absl::SkipEmpty());
  const auto is_currency = [](const std::string& word) {
    const std::string upper = absl::AsciiStrToUpper(word);
    return CurrencyPrefix(upper).length == upper.size();
  };
  words.erase(std::remove_if(words.begin(), words.end(), is_currency), words.end());
  return absl::StrJoin(words, " ");
}

bool IsSpendName(const std::string& name) {
  const std::string joined = absl::StrReplaceAll(BareName(name), {{" ", ""}});
  const auto names = SpendNames();
  return std::find(names.begin(), names.end(), joined) != names.end();
}

}  // namespace

std::optional<TableNote> UnitNote(const std::string& column, const std::string& learnt, const std::string& here,
                                  const UnitCells& cells) {
  TableNote note;
  note.warning = true;
  note.column = column;
  const auto such_as = [&](bool per_cent) {
    const auto found = std::find_if(cells.examples.begin(), cells.examples.end(),
                                    [&](const std::string& cell) { return absl::StrContains(cell, '%') == per_cent; });
    return found == cells.examples.end() ? "" : absl::StrCat(" such as \"", Excerpt(*found), "\"");
  };
  if (learnt == "%" && here != "%" && !such_as(true).empty()) {
    // A factor would change those, too.
    note.message = absl::StrCat("the model learnt per cent, 0.031 for 3.1 %; cells", such_as(true),
                                " are read so, and cells", such_as(false), " are taken as they stand");
  } else if (learnt == "%" && here != "%") {
    const std::string range = RangeThatHolds(cells, 0.01);
    note.message = absl::StrCat("the model learnt per cent, 0.031 for 3.1 %, and cells", such_as(false),
                                " have no %: they are taken as they stand", range);
    note.warning = range.empty();
    if (note.warning) note.flags = {ColumnFlag("--scale", column, "0.01")};
  } else if (learnt != "%" && here == "%") {
    const std::string range = RangeThatHolds(cells, 100);
    note.message = absl::StrCat("cells", such_as(true),
                                " are per cent, 0.031 for 3.1 %, and the model learnt numbers without %", range);
    note.warning = range.empty();
    if (note.warning) note.flags = {ColumnFlag("--scale", column, "100")};
  } else if (!learnt.empty() && !here.empty() && learnt != here) {
    note.message = absl::StrCat("the model learnt numbers in ", learnt, ", and these are in ", here,
                                ": they are taken as if they were the same; convert them first");
  } else {
    return std::nullopt;
  }
  return note;
}

std::optional<size_t> ColumnIndex(const TableReading& table, absl::string_view name) {
  const auto found = std::find(table.names.begin(), table.names.end(), name);
  if (found == table.names.end()) return std::nullopt;
  return static_cast<size_t>(found - table.names.begin());
}

absl::StatusOr<FeatureColumns> BindFeatures(const v1::Model& model, const TableReading& table,
                                            absl::Span<const ColumnOptions> said,
                                            const std::map<std::string, std::string>& given) {
  FeatureColumns bound;
  std::vector<bool> used(table.names.size(), false);
  for (int i = 0; i < model.schema().features_size(); ++i) {
    const v1::Feature& feature = model.schema().features(i);
    const std::optional<size_t> own = ColumnIndex(table, feature.name());
    const auto other = given.find(feature.name());
    const std::optional<size_t> named = other == given.end() ? std::nullopt : ColumnIndex(table, other->second);
    const std::optional<size_t> column = named.has_value() ? named : own;
    if (!column.has_value()) {
      bound.absent.push_back({feature.name()});
      continue;
    }
    used[*column] = true;
    const std::string& name = table.names[*column];
    FormOfFeature form(feature, name, table.columns[*column], Learnt(model, feature.name()), Said(said, name));
    ROICAST_RETURN_IF_ERROR(form.Decide());
    bound.found.push_back({static_cast<size_t>(i), *column, form.form()});
    if (name != feature.name()) bound.notes.push_back(GivenColumnNote(feature.name(), name, own.has_value()));
    for (TableNote& note : form.TakeNotes()) bound.notes.push_back(std::move(note));
  }
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) bound.unused.push_back(table.names[i]);
  }
  for (AbsentFeature& absent : bound.absent) absent.near_column = NearColumn(absent.name, bound.unused);
  if (bound.found.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("header: expected at least one feature of the model, got ",
                                                   Excerpt(absl::StrJoin(table.names, ", ")), "; ",
                                                   AbsentText(bound.absent)));
  }
  return bound;
}

std::string NearColumn(const std::string& feature, const std::vector<std::string>& columns) {
  const std::string whole = NearestName(feature, columns);
  if (!whole.empty()) return whole;
  for (const std::string& column : columns) {
    std::vector<std::string> words = {""};
    for (const char c : column) {
      const auto byte = static_cast<unsigned char>(c);
      if (absl::ascii_isalnum(byte) || byte >= 0x80) {
        words.back().push_back(c);
      } else if (!words.back().empty()) {
        words.emplace_back();
      }
    }
    if (!NearestName(feature, words).empty()) return column;
  }
  // The same amount in another currency is another column, but may be meant.
  const std::string bare = BareName(feature);
  for (const std::string& column : columns) {
    if (!bare.empty() && BareName(column) == bare) return column;
  }
  if (IsSpendName(feature)) {
    const auto spend = std::find_if(columns.begin(), columns.end(), IsSpendName);
    if (spend != columns.end()) return *spend;
  }
  return "";
}

std::string AbsentText(const std::vector<AbsentFeature>& absent) {
  if (absent.empty()) return "";
  return absl::StrCat("no column for ", absl::StrJoin(absent, ", ", [](std::string* out, const AbsentFeature& one) {
                        absl::StrAppend(out, "\"", one.name, "\"");
                        if (!one.near_column.empty())
                          absl::StrAppend(out, " (did you mean \"", one.near_column, "\"?)");
                      }));
}

}  // namespace roicast::client
