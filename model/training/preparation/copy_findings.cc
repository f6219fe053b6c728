#include "model/training/preparation/copy_findings.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace roicast {
namespace {

constexpr size_t kMostExamples = 5;

bool Differ(const Column& column, int64_t a, int64_t b) {
  if (column.kind == FeatureKind::kCategorical) return column.codes[a] != column.codes[b];
  const double of_a = column.numbers[a], of_b = column.numbers[b];
  return of_a != of_b && !(std::isnan(of_a) && std::isnan(of_b));
}

// The columns that the model does not see and that are no part of the target.
std::vector<const Column*> OtherColumns(const Table& table, const std::vector<LeftOutColumn>& left_out) {
  std::vector<const Column*> others;
  for (const LeftOutColumn& column : left_out) {
    if (column.reason == "target" || column.reason == "revenue") continue;
    if (const Column* const found = table.Find(column.column); found != nullptr) others.push_back(found);
  }
  return others;
}

std::string Rows(int64_t count, absl::string_view singular, absl::string_view plural) {
  return absl::StrCat(count, " ", count == 1 ? singular : plural);
}

std::string Quoted(const std::vector<std::string>& names) {
  return absl::StrCat("\"", absl::StrJoin(names, "\", \""), "\"");
}

}  // namespace

CopyCounts CountCopies(const Table& table, absl::Span<const int64_t> rows, absl::Span<const int64_t> by_inputs,
                       absl::Span<const int64_t> by_all, absl::Span<const double> target,
                       const std::vector<LeftOutColumn>& left_out) {
  CopyCounts counts;
  counts.rows = static_cast<int64_t>(rows.size());
  std::vector<bool> is_shared(table.rows(), false);
  for (const int64_t row : rows) {
    if (by_inputs[row] == row) {
      ++counts.distinct_inputs;
    } else {
      is_shared[by_inputs[row]] = true;
    }
  }
  if (counts.distinct_inputs == counts.rows) return counts;

  std::vector<const Column*> others = OtherColumns(table, left_out);
  absl::flat_hash_map<std::pair<int64_t, double>, int64_t> first_of;  // inputs and target → row
  for (const int64_t row : rows) {
    if (!is_shared[by_inputs[row]]) continue;
    const auto [entry, added] = first_of.try_emplace(std::pair(by_inputs[row], target[row]), row);
    if (by_inputs[row] == row) continue;
    if (by_all[row] != row) {
      ++counts.equal;
    } else if (added) {
      ++counts.other_target;
    } else {
      ++counts.same_target;
      if (counts.same_target_rows.size() < kMostExamples) counts.same_target_rows.push_back(row);
      const int64_t first = entry->second;
      const auto same = std::stable_partition(others.begin(), others.end(),
                                              [&](const Column* column) { return !Differ(*column, row, first); });
      for (auto column = same; column != others.end(); ++column) counts.differing.push_back((*column)->name);
      others.erase(same, others.end());
    }
  }
  return counts;
}

DataWarning DroppedCopiesWarning(int64_t dropped, const std::string& column) {
  DataWarning warning;
  warning.message = absl::StrCat(Rows(dropped, "row equals", "rows equal"), " an earlier one in all columns and ",
                                 dropped == 1 ? "was" : "were", " dropped: \"", column,
                                 "\" tells rows apart, so equal rows are copies");
  warning.flags = {"--copies keep"};
  return warning;
}

std::vector<DataWarning> CopyWarnings(const CopyCounts& counts, bool chosen, std::vector<int64_t> lines) {
  std::vector<DataWarning> warnings;
  if (counts.same_target > 0) {
    DataWarning warning;
    warning.serious = 2 * counts.same_target > counts.rows;
    warning.lines = std::move(lines);
    warning.message = absl::StrCat(Rows(counts.same_target, "row has", "rows have"),
                                   " the inputs and the target of an earlier row and ",
                                   counts.same_target == 1 ? "differs" : "differ", " only in ",
                                   counts.differing.empty() ? "what the model does not see" : Quoted(counts.differing),
                                   ": ", counts.rows, " rows have ", counts.distinct_inputs,
                                   " distinct inputs. Rows with the same inputs are never on both sides of the split");
    warnings.push_back(std::move(warning));
  }
  if (counts.equal > 0 && !chosen) {
    DataWarning warning;
    warning.message = absl::StrCat(
        Rows(counts.equal, "row equals", "rows equal"), " an earlier one in all columns and ",
        counts.equal == 1 ? "is" : "are",
        " kept: no identifier and no time shows that they are copies. They are never on both sides of the split");
    warning.flags = {"--copies drop"};
    warnings.push_back(std::move(warning));
  }
  if (10 * counts.other_target > counts.rows) {
    DataWarning warning;
    warning.message =
        absl::StrCat(counts.other_target, " of ", counts.rows,
                     " rows have the inputs of an earlier row with another target: no model can tell these rows apart");
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace roicast
