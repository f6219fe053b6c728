// Models whose revenue does not rise with the spend.
#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "google/protobuf/repeated_field.h"
#include "model/decision/decision_model.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Adds the caveat "flat_revenue" if the revenue of the median row rises by less than 0.05 % for 1 % more spend, between
// the spends that a tenth of training's typical rows are below and above (without such rows, all of training's range):
// its ROI is then one revenue divided by the spend, and a plan that cuts the spend finds just that. rows: raw, of which
// 16 are asked at most. Errors: stop's.
absl::Status AddFlatRevenueCaveat(const ServedModel& model, const MoneyModel& money, absl::Span<const float> rows,
                                  const StopCheck& stop, google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

}  // namespace roicast
