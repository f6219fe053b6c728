// What training from a version keeps of it.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/data/cleaning.h"
#include "model/data/schema.h"
#include "model/data/schema_inference.h"
#include "model/data/table.h"

namespace roicast {

// The kinds of columns that its schema needs.
std::vector<ColumnOverride> KindsOf(const Schema& schema);

// The table's columns that its schema leaves out. Errors: InvalidArgument (the table lacks a feature).
absl::StatusOr<std::vector<LeftOutColumn>> LeftOutOf(const Schema& schema, const Table& table);

// Its cleaning limits, per feature. features: the schema's columns, in its order; fill values of categories are codes
// of their dictionaries.
std::vector<CleaningLimits> LimitsOf(const Artifact& version, const Table& features);

}  // namespace roicast
