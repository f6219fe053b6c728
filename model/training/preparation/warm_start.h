// What training from a version keeps of it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/cleaning.h"
#include "model/data/data_warning.h"
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

// Whether the training rows are such as it was made for: its preprocessing, its words and the scale of its target stay
// as they are, and so would predictions that are worth nothing. rows: of training; roi: per row of the table. A warning
// of numbers that have moved. Errors: FailedPrecondition, their ROI or numbers are in another unit
// (model/features/version_likeness.h), or it does not know the words of most of them in most categorical features;
// stop's.
absl::StatusOr<std::optional<DataWarning>> CheckLikeness(const Artifact& version, const Table& features,
                                                         absl::Span<const int64_t> rows, absl::Span<const double> roi,
                                                         const StopCheck& stop);

}  // namespace roicast
