// Reports as text for people.
#pragma once

#include <string>

#include "roicast/v1/report.pb.h"
#include "roicast/v1/schema.pb.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

// Rows in, dropped and used; cells filled and clipped; columns left out; bad cells.
std::string CleaningText(const v1::CleaningReport& report);
// A table of metrics, a column for each part that has rows, each beside its constant baseline.
std::string MetricsText(const v1::TrainingReport& report);
std::string MetricsText(const v1::MetricsWithBaseline& metrics, const std::string& title);
// A line per feature.
std::string SchemaText(const v1::Schema& schema);
// A line per column of a data set.
std::string ColumnsText(const v1::InspectDatasetResponse& inspection);

}  // namespace roicast::client
