#include "client/scoring/table_findings.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/tables/cell_text.h"
#include "base/tables/missing_spellings.h"
#include "base/tables/number_form.h"
#include "client/scoring/feature_columns.h"

namespace roicast::client {
namespace {

constexpr size_t kMostUnseenWords = 100;

bool IsSameNumber(double a, double b) { return std::fabs(a - b) <= 1e-12 * std::max(std::fabs(a), std::fabs(b)); }

}  // namespace

FindingsCounter::FindingsCounter(const v1::Model& model, const TableReading& table, const RowEncoder& encoder)
    : model_(model), encoder_(encoder) {
  for (const v1::LeftOutColumn& left_out : model.report().cleaning().left_out()) {
    const std::optional<size_t> column = ColumnIndex(table, left_out.column());
    if (left_out.value().empty() || !column.has_value()) continue;
    // A time is told from others by its format, and goes on by itself.
    const ColumnForm& form = table.columns[*column].form;
    if (form.kind == ColumnKind::kTime) continue;
    constants_.push_back({*column, findings_.changed_constants.size(), form});
    findings_.changed_constants.push_back({left_out.column(), left_out.value(), "", 0, 0});
  }
  for (int i = 0; i < model.schema().features_size(); ++i) {
    const v1::Feature& feature = model.schema().features(i);
    if (feature.kind() != v1::FEATURE_KIND_NUMERIC || !(feature.seen_min() < feature.seen_max())) continue;
    ranges_.push_back(
        {static_cast<size_t>(i), findings_.outside.size(), RangeCount(feature.seen_min(), feature.seen_max())});
    findings_.outside.push_back({feature.name(), 0, 0, feature.seen_min(), feature.seen_max(), 0});
  }
}

void FindingsCounter::CountNumbers(int64_t line, const float* values) {
  for (Range& range : ranges_) {
    if (!range.count.Add(values[range.feature])) continue;
    OutsideRange& found = findings_.outside[range.finding];
    if (++found.rows == 1) found.line = line;
  }
}

bool IsLearntConstant(const std::string& learnt, absl::string_view cell, const std::optional<NumberForm>& form) {
  static const MissingSpellings missing;
  if (cell.empty() || missing.Matches(cell) || cell == learnt) return true;
  double number = 0.0;
  if (!form.has_value() || !absl::SimpleAtod(learnt, &number)) return false;
  const std::optional<double> here = ParseNumber(cell, *form);
  return here.has_value() && IsSameNumber(*here, number);
}

bool FindingsCounter::IsLearnt(const Constant& constant, absl::string_view cell) const {
  const std::optional<NumberForm> form =
      constant.form.kind == ColumnKind::kNumber ? std::make_optional(constant.form.number) : std::nullopt;
  return IsLearntConstant(findings_.changed_constants[constant.finding].learnt, cell, form);
}

void FindingsCounter::Count(int64_t line, absl::Span<const absl::string_view> cells, const float* values) {
  for (const Constant& constant : constants_) {
    const absl::string_view cell = CellText(cells[constant.column]);
    if (IsLearnt(constant, cell)) continue;
    ChangedConstant& changed = findings_.changed_constants[constant.finding];
    if (++changed.rows > 1) continue;
    changed.value = std::string(cell);
    changed.line = line;
  }
  CountNumbers(line, values);
  encoder_.ForEachUnseen(values, [&](size_t feature, size_t column) {
    const absl::string_view word = CellText(cells[column]);
    const std::string key = absl::StrCat(feature, " ", word);
    const auto found = unseen_.find(key);
    if (found != unseen_.end()) {
      ++findings_.unseen_words[found->second].rows;
    } else if (findings_.unseen_words.size() < kMostUnseenWords) {
      unseen_.emplace(key, findings_.unseen_words.size());
      findings_.unseen_words.push_back(
          {model_.schema().features(static_cast<int>(feature)).name(), std::string(word), line, 1, ""});
    } else {
      findings_.more_unseen_words = true;
    }
  });
}

TableFindings FindingsCounter::Take() {
  for (UnseenWord& unseen : findings_.unseen_words) {
    for (int i = 0; i < model_.schema().features_size(); ++i) {
      if (model_.schema().features(i).name() != unseen.feature) continue;
      unseen.nearest = encoder_.NearestWord(static_cast<size_t>(i), unseen.word);
    }
  }
  std::erase_if(findings_.changed_constants, [](const ChangedConstant& constant) { return constant.rows == 0; });
  for (const Range& range : ranges_) findings_.outside[range.finding].factor = range.count.Factor();
  std::erase_if(findings_.outside, [](const OutsideRange& outside) { return outside.rows == 0; });
  return std::move(findings_);
}

}  // namespace roicast::client
