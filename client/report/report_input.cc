#include "client/report/report_input.h"

#include <cmath>

namespace roicast::client {

OutcomeRows HeldOutRows(const v1::TrainingReport& report) {
  OutcomeRows rows;
  const v1::NewRowsReport& held_out = report.new_rows();
  if (held_out.predicted_size() != held_out.actual_size()) return rows;
  rows.profit_threshold = report.holdout().model().profitable().threshold();
  for (int i = 0; i < held_out.predicted_size(); ++i) {
    if (!std::isfinite(held_out.predicted(i)) || !std::isfinite(held_out.actual(i))) continue;
    rows.predicted.push_back(held_out.predicted(i));
    rows.actual.push_back(held_out.actual(i));
  }
  return rows;
}

}  // namespace roicast::client
