// Reports as text for people, fitted to a terminal.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <string>

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
// A table of metrics with a column named `title`, beside the constant baseline.
std::string MetricsText(const v1::MetricsWithBaseline& metrics, const std::string& title, const Terminal& terminal);
// Metrics on each part of the data that has rows, holdout first; then cleaning, how the file was read, and warnings.
std::string ReportText(const v1::TrainingReport& report, const Terminal& terminal);
// A line per feature.
std::string SchemaText(const v1::Schema& schema, const Terminal& terminal);

}  // namespace roicast::client
