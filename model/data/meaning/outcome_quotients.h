// Names of quotients and rates of what a campaign brought: "Kosten/Conv.", "revenue per click", "taux de conv.".
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "model/data/meaning/column_name.h"

namespace roicast {

// Whether the name divides one amount by another, with "/" or a word such as "per", and at least one of them is an
// outcome by is_outcome or a usual revenue. "Sales/Marketing" and "price per order" are none: the other side has to be
// an amount of a campaign, too.
bool IsOutcomeQuotient(absl::string_view name, absl::FunctionRef<bool(const ColumnName&)> is_outcome);

// Whether the name is a rate of conversions, purchases, leads or the like, whatever stands between.
bool IsOutcomeRate(const ColumnName& name);

}  // namespace roicast
