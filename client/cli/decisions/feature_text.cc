#include "client/cli/decisions/feature_text.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/tables/time_form.h"
#include "client/cli/format.h"

namespace roicast::client {

std::string FeatureText(const v1::Feature& feature, float value) {
  if (std::isnan(value)) return "missing";
  switch (feature.kind()) {
    case v1::FEATURE_KIND_CATEGORICAL: {
      const auto code = static_cast<int64_t>(value);
      const bool known = code >= 0 && code < feature.vocabulary_size();
      return known ? feature.vocabulary(static_cast<int>(code)) : "a word not seen in training";
    }
    case v1::FEATURE_KIND_TIME: {
      const std::string time = FormatTime(static_cast<int64_t>(value) * 3600);
      return time.substr(0, time.find('T'));
    }
    default:
      return FormatNumber(value);
  }
}

std::string SignedText(double value) {
  const std::string text = FormatNumber(std::fabs(value));
  return absl::StrCat(value < 0 ? "-" : "+", text);
}

std::string MoneyText(double value) {
  if (std::isnan(value)) return "-";
  const double size = std::fabs(value);
  // Larger numbers, and infinity, are beyond what is counted in whole numbers.
  if (!(size < 1e15)) return absl::StrFormat("%.4g", value);
  if (size >= 1e5) return FormatCount(std::llround(value));
  const auto cents = std::llround(size * 100);
  const std::string text = absl::StrFormat("%s.%02d", FormatCount(cents / 100), cents % 100);
  return value < 0 && cents > 0 ? absl::StrCat("-", text) : text;
}

std::string RoiText(double roi) { return std::isnan(roi) ? "-" : absl::StrFormat("%.1f %%", 100 * roi); }

}  // namespace roicast::client
