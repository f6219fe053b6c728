// What a person should know about a table, as text.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "client/cli/terminal.h"
#include "roicast/v1/reading.pb.h"

namespace roicast::client {

using DataWarnings = google::protobuf::RepeatedPtrField<v1::DataWarning>;

// Some lines for each, the serious ones first: what it is about, what was found, where, and the flags that change it,
// each on its own line, whole, to copy. Empty without warnings.
std::string WarningsText(const DataWarnings& warnings, const Terminal& terminal);
// The serious ones in full, and how many others there are.
std::string SeriousWarningsText(const DataWarnings& warnings, const Terminal& terminal);
// "line 3", "lines 3, 4 and 5", "lines 1, 2, 3 and 7 more"; empty without lines. `count` ≥ lines.size(): how many there
// are in all.
std::string LinesText(const google::protobuf::RepeatedField<int64_t>& lines, int64_t count);

}  // namespace roicast::client
