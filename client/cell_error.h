// What is wrong with a cell that a feature cannot take.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// What is expected in place of a text that is no time (ParseIsoTime): `form`, such as "a date such as 2025-03-01", or
// the range of times, where it is written like one.
absl::string_view ExpectedTime(absl::string_view text, absl::string_view form);

// INVALID_ARGUMENT `where: expected a number, got "much"`, or a time for time features; a long cell is cut.
absl::Status CellError(absl::string_view where, v1::FeatureKind kind, absl::string_view cell);

// The beginning of a text, marked with … if it is cut.
std::string Excerpt(absl::string_view text);

}  // namespace roicast::client
