// How a table was read, from and to protos of roicast.v1. Conventions: proto_conversion.h.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/tables/table_detection.h"
#include "model/data/data_warning.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/reading.pb.h"

namespace roicast {

// Without notes: see ReadingWarnings.
v1::TableReading TableReadingToProto(const TableReading& reading);
// What the proto does not hold (notes, unread cells, currencies) stays empty. Reading the same bytes so gives the same
// table.
absl::StatusOr<TableReading> TableReadingFromProto(const v1::TableReading& proto, absl::string_view path);

// The notes of the file and of all columns.
std::vector<DataWarning> ReadingWarnings(const TableReading& reading);

// What a person says about a table; what is unset is detected. path names the message in errors, such as "header.csv".
absl::StatusOr<TableOptions> TableOptionsFromProto(const v1::CsvOptions& proto, absl::string_view path);

}  // namespace roicast
