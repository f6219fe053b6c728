// What is odd about the amounts of a target.
#pragma once

#include "model/data/csv_table.h"
#include "model/data/target.h"

namespace roicast {

// Appends to target.warnings. Serious: an ROI that looks like per cent or is written as a multiple ("2.6x"), a spend or
// revenue that looks like millionths, the units of both (target_units.h), a column of several currencies, blank
// revenues in at least 1 % of the rows, rows without spend whose revenue is a tenth or more of that of the others.
// Remarks: revenue and spend both in millionths, fewer blank revenues, other rows without spend (counted as dropped as
// well), ROI below −1, a ROAS column that disagrees with revenue / spend.
void AddTargetWarnings(const CsvTable& data, Target& target);

}  // namespace roicast
