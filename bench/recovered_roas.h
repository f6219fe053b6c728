// What models say that channels' spend brings, in a public table whose truth is known.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "bench/report.h"

namespace roicast::bench {

// mmm_roas_data_reduced.csv of PyMC-Marketing (Apache-2.0; bench's --data has it as pymc_roas/…): 131 weeks of the
// sales y and the spends x1 and x2 of two channels, and what sales would have been without either (y01, y02). ROAS of a
// channel: the sum of the sales that it brings over the sum of its spend. As predicted, that is the sum of the
// differences of Predict for the weeks as they were and with the channel's spend at 0.
//
// Intervals: `refits` models that each leave out a third of the weeks, in blocks of 11, because neighbours are alike.
// The deviation of what they say, times √2, is that of the model of all weeks (delete-d jackknife: Shao and Wu, "A
// General Theory for Jackknife Variance Estimation", 1989). It is what chance does to the model; what the table does
// not hold, such as a common cause of spend and sales, is not in it.
absl::Status MeasureRecoveredRoas(const std::string& data_folder, int refits, Report& report);

}  // namespace roicast::bench
