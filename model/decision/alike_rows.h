// Campaigns that may be one.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/decision/decision_model.h"

namespace roicast {

// Per row, the index of the first one that is alike in all but the spend, what moves with it, and times. A model sees
// such rows as campaigns of their own, each with returns that diminish from its first unit of money on, and errs about
// all of them in the same way. rows [n, schema size], raw; missing values are alike. Takes 16 bytes a row meanwhile.
std::vector<int32_t> FirstAlikeRows(const MoneyModel& money, absl::Span<const float> rows);

}  // namespace roicast
