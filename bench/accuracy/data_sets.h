// The tables that accuracy is measured on.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "bench/accuracy/measurement.h"
#include "client/generator/campaign_generator.h"
#include "model/data/csv_table.h"

namespace roicast::bench {

// Duplicate rows and rows without cost are removed, so that the permutation refers to the same rows as the peers'.
absl::StatusOr<CsvTable> ReadAdvertising(const Options& options);

// A set of uci with kPart by a split, from 0; the target is the column before it.
absl::StatusOr<CsvTable> ReadUci(const Options& options, const std::string& name, int split);

// Generated campaigns with their expected ROI, after `skip` others.
absl::StatusOr<CsvTable> Generate(const client::GeneratorOptions& options, int skip, int rows);

}  // namespace roicast::bench
