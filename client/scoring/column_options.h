// What a person says about columns: from the messages of the API to the options of the table reader.
#pragma once

#include <optional>

#include "base/tables/column_form.h"
#include "roicast/v1/common.pb.h"

namespace roicast::client {

// Nullopt for UNSPECIFIED, and for formats that a newer release may add.
std::optional<TimeFormat> TimeFormatFromProto(v1::TimeFormat format);
// An unspecified field stays to be detected.
ColumnOptions ColumnOptionsFromProto(const v1::ColumnFormat& format);

}  // namespace roicast::client
