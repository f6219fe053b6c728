// What a response curve says, in words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roicast/v1/decision.pb.h"

namespace roicast::client {

struct CurveFindings {
  // Within the range of the training rows: the spend of the most profit, and whether it is at an end of that range.
  double best_spend = 0, best_profit = 0;
  bool best_at_low_end = false, best_at_high_end = false;
  // The highest spend up to which profit stays above 0 from best_spend on; unset if it never falls to 0 there.
  std::optional<double> break_even;
  double roi_at_low_end = 0, roi_at_high_end = 0;
};
// Nullopt without money, or if no point is within the range.
std::optional<CurveFindings> FindingsOf(const v1::ResponseCurveResponse& response, int curve);

// A sentence on one curve; empty without findings.
std::string CurveSentence(const v1::ResponseCurveResponse& response, int curve, const std::string& name);
// A sentence on all of them for the summary: the first curve's ROI at both ends.
std::string SpendSentence(const v1::ResponseCurveResponse& response, const std::vector<std::string>& names);

}  // namespace roicast::client
