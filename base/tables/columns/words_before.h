// Columns of amounts with a word before each, such as a currency that is not known: "Xyz 1,326.50".
#pragma once

#include "base/tables/columns/column_facts.h"

namespace roicast {

// Whether nearly all cells are numbers with the same word before them, and at least half of these have separate
// thousands or two decimals. Not so if the word is one that counts or numbers things: "v 1.20", "Top 1,000".
bool AreAmounts(const ColumnFacts& facts, const WordsBefore& words);

// The column's facts with the word as if it stood behind the numbers.
ColumnFacts WithWordsBefore(const ColumnFacts& facts, const WordsBefore& words);

}  // namespace roicast
