// Words for totals in many languages. Thread-safe.
#pragma once

#include "absl/strings/string_view.h"

namespace roicast {

// Whether a cell has no value: it is empty, or has dashes in place of one.
bool IsNoValue(absl::string_view cell);
// Whether a cell is a word for totals, alone or followed by a colon and more, or begins with a word for subtotals:
// "Grand total", "Total: Account", "Gesamt", "合计", "Subtotal Search".
bool IsTotalsWord(absl::string_view cell);
// Whether a cell stands for all of something: "All", "All campaigns", "(all)", "Overall". Unlike a word for totals, it
// may be a value of its own.
bool IsWordForAll(absl::string_view cell);
// Whether a word for totals stands anywhere in a cell as a word of its own: "Total of 300 results", "Account total
// (12)".
bool HasTotalsWord(absl::string_view cell);
// Whether a cell is a word for another summary of a column: "Average", "Median", "Maximum", "Durchschnitt", "平均".
bool IsSummaryWord(absl::string_view cell);

}  // namespace roicast
