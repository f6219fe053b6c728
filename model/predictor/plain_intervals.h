// Predictor::FillIntervals in plain float64: for networks without kernels of their own, and for tests.
#pragma once

#include "model/features/target_transform.h"
#include "model/predictor/interval_rows.h"

namespace roicast::predictor {

void FillIntervalsPlainly(const FittedTarget& target, const IntervalRows& rows);

}  // namespace roicast::predictor
