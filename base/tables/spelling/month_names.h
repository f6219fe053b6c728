// The names of months and weekdays in dates.
#pragma once

#include "absl/strings/string_view.h"

namespace roicast {

// 1 to 12 for a name or an abbreviation in English, German, French, Spanish, Italian, Portuguese or Dutch, in any case
// and without a dot behind it; 0 for anything else. Thread-safe.
int MonthOfName(absl::string_view word);

// What may stand in a date without changing it: weekdays, "of", "de", "the", "st" and the like.
bool IsDateFiller(absl::string_view word);

}  // namespace roicast
