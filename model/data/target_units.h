// Whether the revenue and the spend of a target are amounts of one unit.
#pragma once

#include <string>
#include <vector>

#include "model/data/csv_table.h"
#include "model/data/target.h"

namespace roicast {

// 0 of nothing.
double MedianOf(std::vector<double> values);

// Those above 0.
std::vector<double> PositiveValues(const Column& column);

// Whether the file says how the column's numbers are meant (per cent), or a person does (--scale).
bool IsScaled(const CsvTable& data, const std::string& column);

// Appends serious warnings to target.warnings where the ROI is computed from a revenue and a spend: one is a share in
// per cent; unless a person gave a scale, they are in two currencies, by their names or cells, or the name of one says
// that it counts thousands, cents and the like; or, if the unit is not said to be wrong already, a typical ROI is below
// −0.95 or above 50.
// millionths_said: that one of them looks like millionths.
void AddUnitWarnings(const CsvTable& data, bool millionths_said, Target& target);

}  // namespace roicast
