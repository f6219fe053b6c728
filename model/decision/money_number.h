// Amounts of money in messages.
#pragma once

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace roicast {

// To the hundredth, without a fraction that is zero: "1234567.5" is 1234567.50, "2000" is 2000. Units below a hundredth
// have as many digits as they need.
inline std::string MoneyNumber(double money) {
  if (money == std::round(money)) return absl::StrFormat("%.0f", money);
  const double hundredths = money * 100.0;
  const bool fine = std::abs(hundredths - std::round(hundredths)) <= 1e-6 * std::fmax(1.0, std::abs(hundredths));
  return fine ? absl::StrFormat("%.2f", money) : absl::StrCat(money);
}

}  // namespace roicast
