// What is measured, one function for each kind of table. Each adds its figures to the report.
#pragma once

#include "absl/status/status.h"
#include "bench/accuracy/measurement.h"
#include "bench/report.h"

namespace roicast::bench {

absl::Status MeasureAdvertising(const Options& options, Report& report);
absl::Status MeasureUci(const Options& options, Report& report);
// Trains as a new user would, on 20,000 campaigns; compares with the generator's expected ROI on 4,000 new ones.
absl::Status MeasureGenerated(const Options& options, Report& report);
// Simulated tables whose law is known (bench/worlds.h).
absl::Status MeasureWorlds(const Options& options, Report& report);
// Conversions and churn; skips aloud what is not there.
absl::Status MeasureTwoValued(const Options& options, Report& report);

// Coverage and width of 90 % intervals, and how far probabilities are off, on rows that training never saw.
absl::Status MeasureUciIntervals(const Options& options, Report& report);
absl::Status MeasureAdvertisingIntervals(const Options& options, Report& report);
absl::Status MeasureGeneratedIntervals(const Options& options, Report& report);
absl::Status MeasureWorldIntervals(const Options& options, bool zero_heavy, Report& report);

}  // namespace roicast::bench
