#include "model/data/cleaning.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/tables/time_form.h"

namespace roicast {

absl::Status CleaningOptions::Validate() const {
  if (!(fence_quantile > 0 && fence_quantile < 0.5)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cleaning.fence_quantile: expected more than 0, less than 0.5, got ", fence_quantile));
  }
  if (!(iqr_factor > 0) || iqr_factor > 1e9) {
    return absl::InvalidArgumentError(
        absl::StrCat("cleaning.iqr_factor: expected more than 0, at most 1e9, got ", iqr_factor));
  }
  absl::flat_hash_set<absl::string_view> with_rule;
  for (size_t i = 0; i < outlier_rules.size(); ++i) {
    if (with_rule.insert(outlier_rules[i].column).second) continue;
    return absl::InvalidArgumentError(absl::StrCat("cleaning.outlier_rules[", i,
                                                   "]: expected one rule per column, got two for \"",
                                                   outlier_rules[i].column, "\""));
  }
  if (hampel.time_column.empty()) {
    if (hampel.columns.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("cleaning.hampel.time_column: expected a column, got nothing");
  }
  if (hampel.columns.empty()) {
    return absl::InvalidArgumentError("cleaning.hampel.columns: expected at least one column, got none");
  }
  if (hampel.half_window < 1 || hampel.half_window > 1000) {
    return absl::InvalidArgumentError(
        absl::StrCat("cleaning.hampel.half_window: expected 1 to 1000 rows, got ", hampel.half_window));
  }
  if (!(hampel.threshold > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cleaning.hampel.threshold: expected more than 0, got ", hampel.threshold));
  }
  return absl::OkStatus();
}

OutlierRule OutlierRuleFor(const CleaningOptions& options, absl::string_view column) {
  for (const OutlierRule& rule : options.outlier_rules) {
    if (rule.column == column) return rule;
  }
  return {std::string(column), column.empty() ? FenceMethod::kNone : options.fence_method, options.outlier_policy};
}

std::optional<int64_t> LastTimeUntil(absl::string_view time) {
  constexpr int64_t kDay = 86'400;
  constexpr size_t kDateLength = 10;
  std::optional<int64_t> last = ParseIsoTime(time);
  if (last.has_value() && absl::StripAsciiWhitespace(time).size() == kDateLength) *last += kDay - 1;
  return last;
}

}  // namespace roicast
