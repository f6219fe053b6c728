// Cells that name a currency, such as those of a column "Currency" beside the amounts.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// The currency that a cell is nothing but: a code, a sign or a name ("EUR", "US$", "Japanese Yen", "USD - US Dollar").
// As MayBeOneCurrency takes it: a code in lower case, or a sign of several currencies ("$", "¥", "kr"). Empty: the cell
// says something else.
std::string CurrencyOfCell(absl::string_view cell);

}  // namespace roicast
