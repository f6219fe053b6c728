// Reports as text for people, fitted to a terminal.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/terminal.h"
#include "roicast/v1/report.pb.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// Rows in, dropped and used; cells filled and clipped; columns left out; bad cells.
std::string CleaningText(const v1::CleaningReport& report, const Terminal& terminal);
// A line for each reason that took rows away: "  dropped, duplicate: 12". `rows` is how many there were.
std::string DroppedText(const google::protobuf::RepeatedPtrField<v1::DroppedRows>& dropped, absl::string_view verb,
                        int64_t rows, const Terminal& terminal);
// Reports of older releases do not say what the target is; it counted as an ROI.
bool IsRoi(const v1::TargetDescription& target);
// "Metrics of ROI", or of what else is predicted.
std::string MetricsTitle(const v1::TargetDescription& target);
// The server's sentence about what the numbers mean; empty if there is none.
std::string ConclusionText(const std::string& conclusion, const Terminal& terminal);

// Rows that were measured together.
struct MetricsColumn {
  std::string title;
  const v1::MetricsWithBaseline* metrics;  // not null
};
// A table with a column for each, beside the constant baseline. What is said of profit only of an ROI.
std::string MetricsText(const std::vector<MetricsColumn>& parts, const v1::TargetDescription& target,
                        const Terminal& terminal);
// What the numbers mean; metrics on each part of the data that has rows, holdout first; then cleaning, how the file was
// read, and warnings.
std::string ReportText(const v1::TrainingReport& report, const Terminal& terminal);
// A line per feature.
std::string SchemaText(const v1::Schema& schema, const Terminal& terminal);

}  // namespace roicast::client
