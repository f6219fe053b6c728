#include "base/number_range.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace roicast {
namespace {

// Whole numbers up to ten digits in full: 10000000, not 1e+07.
std::string Text(double value) { return absl::StrFormat("%.10g", value); }

}  // namespace

std::string NumberRange::ToString() const {
  return std::isinf(high) ? absl::StrCat("at least ", Text(low)) : absl::StrCat(Text(low), " to ", Text(high));
}

absl::Status NumberRange::Check(absl::string_view name, double value) const {
  if (Contains(value)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, ": expected ", ToString(), ", got ", Text(value)));
}

}  // namespace roicast
