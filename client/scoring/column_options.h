// What a person says about columns: from the messages of the API to the options of the table reader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/tables/column_form.h"
#include "base/tables/missing_spellings.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// Nullopt for UNSPECIFIED, and for formats that a newer release may add.
std::optional<TimeFormat> TimeFormatFromProto(v1::TimeFormat format);
// What means "missing" to the model, and what a person says beside it.
MissingSpellings MissingOf(const v1::Model& model, std::vector<std::string> said);
// An unspecified field stays to be detected.
ColumnOptions ColumnOptionsFromProto(const v1::ColumnFormat& format);

}  // namespace roicast::client
