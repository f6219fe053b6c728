// Currency signs and codes as they stand before and behind amounts.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace roicast {

struct CurrencyMatch {
  // Bytes of the text that it takes; 0: none.
  size_t length = 0;
  // ISO 4217 where the spelling names one currency (€ is EUR, zł is PLN), else the spelling itself ($, kr, ¥). Valid
  // for ever, except that signs which stand for themselves are part of the text.
  absl::string_view name;
};

// The longest currency with which the text begins: a sign (Unicode's Sc), a code or a local spelling. A spelling of
// letters counts only if no letter follows.
CurrencyMatch CurrencyPrefix(absl::string_view text);
// The one with which it ends; no letter may stand before a spelling of letters.
CurrencyMatch CurrencySuffix(absl::string_view text);

}  // namespace roicast
