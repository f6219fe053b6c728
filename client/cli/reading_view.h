// How a table was read, as text fitted to a terminal.
#pragma once

#include <string>

#include "client/cli/terminal.h"
#include "roicast/v1/reading.pb.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

// "File: UTF-8, commas, header on line 1, 400 rows", and a line for each kind of rows that were left out: how many,
// where, an example.
std::string FileText(const v1::FileReading& file, const Terminal& terminal);
// "Target: ROI from revenue "Revenue" and spend "Cost"". Empty if the target says nothing.
std::string TargetText(const v1::TargetSpec& target);
// A line for each column of a dataset: how it was read, its unit, what it is for, missing and unread cells, examples.
std::string ColumnsText(const v1::InspectDatasetResponse& inspection, const Terminal& terminal);
// "number 1.234,50 × 0.01", "time, day first", "words".
std::string ReadAsText(const v1::ColumnReading& reading, v1::FeatureKind kind);

}  // namespace roicast::client
