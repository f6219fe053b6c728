// What the name of a column says about its amounts: their currency, and how many of it they count.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// "EUR", in any case.
bool IsCurrencyCode(absl::string_view text);

// The currency that a folded word names (ColumnName::words), in lower case: "eur", "euros" → eur, "руб" → rub, "元" →
// cny, "dollars" → $. Empty: none.
absl::string_view CurrencyOfWord(absl::string_view word);

// Whether amounts in these two can be of one currency. Codes, and signs such as "$", which stands for each dollar; in
// any case. What is not known may be anything.
bool MayBeOneCurrency(absl::string_view a, absl::string_view b);

// Collects what the folded words and signs of a name say.
class AmountWords {
 public:
  // A character between words. before: the name up to it, folded.
  void AddSign(char32_t sign, absl::string_view before);
  void AddWord(absl::string_view word);

  // As ColumnName::currency and ColumnName::scale.
  const std::string& currency() const { return currency_; }
  double scale() const { return scale_; }

 private:
  void AddCurrency(absl::string_view currency);

  std::string currency_;
  bool several_ = false;
  double scale_ = 1.0;
};

}  // namespace roicast
