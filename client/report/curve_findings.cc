#include "client/report/curve_findings.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "client/report/number_words.h"

namespace roicast::client {

std::optional<CurveFindings> FindingsOf(const v1::ResponseCurveResponse& response, int curve) {
  const v1::ResponseCurve& points = response.curves(curve);
  const int count = response.values_size();
  if (points.profit().value_size() != count || points.roi().value_size() != count) return std::nullopt;
  int first = -1, last = -1, best = -1;
  for (int i = 0; i < count; ++i) {
    if ((i < response.outside_size() && response.outside(i)) || !std::isfinite(points.profit().value(i))) continue;
    if (first < 0) first = i;
    last = i;
    if (best < 0 || points.profit().value(i) > points.profit().value(best)) best = i;
  }
  if (best < 0) return std::nullopt;
  CurveFindings findings;
  findings.best_spend = response.values(best);
  findings.best_profit = points.profit().value(best);
  findings.best_at_low_end = best == first;
  findings.best_at_high_end = best == last;
  findings.roi_at_low_end = points.roi().value(first);
  findings.roi_at_high_end = points.roi().value(last);
  for (int i = best; i <= last && findings.best_profit > 0; ++i) {
    if (points.profit().value(i) > 0) continue;
    findings.break_even = response.values(i);
    break;
  }
  return findings;
}

std::string CurveSentence(const v1::ResponseCurveResponse& response, int curve, const std::string& name) {
  const std::optional<CurveFindings> findings = FindingsOf(response, curve);
  if (!findings.has_value()) return "";
  std::string words = absl::StrCat(name, ": ");
  if (!(findings->best_profit > 0)) {
    return absl::StrCat(words, "a loss is expected at every spend shown.");
  }
  if (findings->best_at_high_end) {
    absl::StrAppend(&words, "profit still grows at the highest spend shown, ", ValueWords(findings->best_spend),
                    ", where it is about ", ValueWords(findings->best_profit), ".");
  } else {
    absl::StrAppend(&words, "profit is highest, about ", ValueWords(findings->best_profit), ", at a spend near ",
                    ValueWords(findings->best_spend), findings->best_at_low_end ? ", the lowest shown" : "", ".");
  }
  if (findings->break_even.has_value()) {
    absl::StrAppend(&words, " From about ", ValueWords(*findings->break_even), " on it loses money.");
  }
  return words;
}

std::string SpendSentence(const v1::ResponseCurveResponse& response, const std::vector<std::string>& names) {
  if (response.curves_size() == 0 || names.empty()) return "";
  const std::optional<CurveFindings> findings = FindingsOf(response, 0);
  if (!findings.has_value()) return "";
  return absl::StrCat("More spend: from the lowest to the highest spend shown below, the expected ROI goes from ",
                      ValueWords(findings->roi_at_low_end), " to ", ValueWords(findings->roi_at_high_end), " (",
                      names.front(), ").");
}

}  // namespace roicast::client
