// The cells of a CSV whose numbers and times are plain: see base/tables for the others.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "base/tables/cell_text.h"
#include "base/tables/missing_spellings.h"
#include "base/tables/number_form.h"
#include "base/tables/time_form.h"

namespace roicast {

inline std::optional<double> ParseNumber(absl::string_view cell) { return ParsePlainNumber(cell); }
inline std::optional<int64_t> ParseTime(absl::string_view cell) { return ParseIsoTime(cell); }

}  // namespace roicast
