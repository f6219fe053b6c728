// SHA-256 (FIPS 180-4): what names artifacts, data sets and schemas.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace roicast
