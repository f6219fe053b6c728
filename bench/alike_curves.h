// How long the split of a budget takes among campaigns whose curves are nearly equal: where many choices are worth
// nearly the same, bounds rule out few of them.
#pragma once

#include "absl/status/status.h"
#include "bench/report.h"

namespace roicast::bench {

// 1,000 campaigns of 100 levels whose values differ by 1e-6 of themselves, of three kinds of curves: concave, S-shaped,
// and concave with dents; each under a budget, with all of it spent, and with steps of their own.
absl::Status MeasureAlikeCurves(int repeats, Report& report);

}  // namespace roicast::bench
