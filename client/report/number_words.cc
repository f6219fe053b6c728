#include "client/report/number_words.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace roicast::client {
namespace {

// "1234567.5" → "1,234,567.5".
std::string WithThousands(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  for (size_t at = point; at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string WithoutTrailingZeros(std::string digits) {
  if (digits.find('.') == std::string::npos) return digits;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

int DecimalsFor(double size) {
  if (size == 0.0 || size >= 100.0) return 0;
  // Below 1, two digits that are not 0: a third one is more than a model knows.
  return std::clamp((size < 1.0 ? 1 : 2) - static_cast<int>(std::floor(std::log10(size))), 0, 7);
}

}  // namespace

std::string CountWords(int64_t count) {
  const std::string digits = WithThousands(absl::StrCat(count < 0 ? -count : count));
  return count < 0 ? "−" + digits : digits;
}

std::string ValueWords(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "–" : value > 0 ? "∞" : "−∞";
  double size = std::abs(value);
  const char* suffix = "";
  if (size >= 1e15) return absl::StrFormat("%s%.2e", value < 0 ? "−" : "", size);
  if (size >= 1e6) {
    suffix = size >= 1e12 ? " T" : size >= 1e9 ? " B" : " M";
    size /= size >= 1e12 ? 1e12 : size >= 1e9 ? 1e9 : 1e6;
  }
  if (size != 0.0 && size < 1e-6) return absl::StrFormat("%s%.1e", value < 0 ? "−" : "", size);
  const std::string digits = WithThousands(absl::StrFormat("%.*f", DecimalsFor(size), size));
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return absl::StrCat(value < 0 && !zero ? "−" : "", digits, suffix);
}

std::string SignedWords(double value) { return value > 0 ? absl::StrCat("+", ValueWords(value)) : ValueWords(value); }

std::string PercentWords(double share) {
  if (!std::isfinite(share)) return "–";
  if (share < -1000.0) return "below −100,000 %";
  const double percent = 100.0 * share;
  if (percent > 99.5 && percent < 100.0) return percent >= 99.95 ? ">99.9 %" : absl::StrFormat("%.1f %%", percent);
  const double size = std::abs(percent);
  const std::string digits = size != 0 && size < 9.95 ? absl::StrFormat("%.1f", size) : absl::StrFormat("%.0f", size);
  return absl::StrCat(percent < 0 && digits != "0.0" ? "−" : "", digits, " %");
}

std::string TickWords(double value) {
  const double size = std::abs(value);
  const char* const sign = value < 0 ? "−" : "";
  struct Scale {
    double size;
    const char* suffix;
  };
  for (const Scale& scale : {Scale{1e12, "T"}, Scale{1e9, "B"}, Scale{1e6, "M"}, Scale{1e4, "k"}}) {
    if (size < scale.size) continue;
    const double unit = scale.size == 1e4 ? 1e3 : scale.size;
    return absl::StrCat(sign, WithoutTrailingZeros(absl::StrFormat("%.2f", size / unit)), scale.suffix);
  }
  if (size != 0.0 && size < 1e-4) return absl::StrFormat("%s%.0e", sign, size);
  return absl::StrCat(sign, WithThousands(WithoutTrailingZeros(absl::StrFormat("%.4f", size))));
}

std::string Counted(int64_t count, const char* one, const char* many) {
  return absl::StrCat(CountWords(count), " ", count == 1 ? one : many);
}

}  // namespace roicast::client
