// How well prediction intervals fit rows that were not learnt from.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace roicast {

struct CalibrationReport {
  int64_t rows = 0;  // that the calibration came from; 0: nobody asked for one, or missing_because says why
  // Share of the holdout inside the 90 % intervals, [0, 1]; NaN without a holdout.
  double coverage = std::numeric_limits<double>::quiet_NaN();
  // Mean width of the 90 % intervals of held-out rows inside the range of training over that of intervals of one width;
  // NaN: not known.
  double relative_width = std::numeric_limits<double>::quiet_NaN();
  // Mean of |share of profitable rows − mean probability| over ten parts of the holdout by probability; NaN: not known.
  double profit_reliability_error = std::numeric_limits<double>::quiet_NaN();
  std::string missing_because;  // why there is no calibration

  bool empty() const { return rows == 0 && missing_because.empty(); }
};

}  // namespace roicast
