#include "model/uncertainty/model_error.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Parts are compared with a little room for rounding.
absl::Status CheckPart(double all, double common, absl::string_view field) {
  const bool holds = std::isfinite(all) && all >= 0.0 && common >= 0.0 && common <= all * (1.0 + 1e-9);
  if (holds) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": expected 0 ≤ common ≤ all, got ", common, " and ", all));
}

}  // namespace

absl::Status ModelError::Validate(int64_t features) const {
  ROICAST_RETURN_IF_ERROR(CheckPart(level, common, "model_error.level"));
  if (static_cast<int64_t>(slopes.size()) != features) {
    return absl::InvalidArgumentError(
        absl::StrCat("model_error.slopes: expected one per feature, ", features, ", got ", slopes.size()));
  }
  for (size_t f = 0; f < slopes.size(); ++f) {
    ROICAST_RETURN_IF_ERROR(CheckPart(slopes[f].all, slopes[f].common, absl::StrCat("model_error.slopes[", f, "]")));
  }
  if (rows >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("model_error.rows: expected at least 1, got ", rows));
}

}  // namespace roicast
