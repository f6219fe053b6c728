#include "client/cli/usage.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/model_name.h"
#include "base/nearest_name.h"
#include "client/cli/value_types.h"

namespace roicast::client {
namespace {

// What is expected in place of a text that is no number, but nearly one, such as "1,000", "5k" or "20%"; empty: it is
// not.
std::string NumberInWords(absl::string_view text) {
  double percent = 0;
  absl::string_view number = text;
  if (absl::ConsumeSuffix(&number, "%") && absl::SimpleAtod(number, &percent)) {
    return absl::StrFormat("a number (%g for %g %%)", percent / 100, percent);
  }
  const bool digits =
      std::any_of(text.begin(), text.end(), [](unsigned char byte) { return absl::ascii_isdigit(byte); });
  return digits ? "a number without separators and units" : "";
}

template <typename InRange>
CLI::Validator Range(const std::string& expected, InRange in_range) {
  return CLI::Validator(
      [=](std::string& text) {
        double value = 0;
        const bool is_number = absl::SimpleAtod(text, &value);
        if (is_number && in_range(value)) return std::string();
        const std::string words = is_number ? "" : NumberInWords(text);
        return absl::StrCat("expected ", words, words.empty() ? "" : ", ", expected, ", got ", text);
      },
      expected);
}

// CLI11 takes 010 for 8, and the largest number for one that is too large.
std::string CheckWholeNumber(std::string& text) {
  int64_t value = 0;
  uint64_t large = 0;
  if (absl::SimpleAtoi(text, &value)) {
    text = absl::StrCat(value);
  } else if (absl::SimpleAtoi(text, &large)) {
    text = absl::StrCat(large);
  } else {
    return absl::StrCat("expected a whole number, got ", text);
  }
  return "";
}

// CLI11 takes −1 for the largest number.
std::string CheckUnsignedNumber(std::string& text) {
  uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return absl::StrCat("expected a whole number of at least 0, got ", text);
  text = absl::StrCat(value);
  return "";
}

std::string CheckFiniteNumber(std::string& text) {
  double value = 0;
  if (absl::SimpleAtod(text, &value) && std::isfinite(value)) return "";
  const std::string words = NumberInWords(text);
  return absl::StrCat("expected ", words.empty() ? "a number" : words, ", got ", text);
}

void CheckNumbers(CLI::Option& option) {
  // With a range, which has the better words, the number is checked second.
  const auto check = [&](std::string (*function)(std::string&)) { option.check(CLI::Validator(function, "")); };
  switch (ValueTypeOf(option)) {
    case ValueType::kWholeNumber:
      return check(&CheckWholeNumber);
    case ValueType::kUnsignedNumber:
      return check(&CheckUnsignedNumber);
    case ValueType::kNumber:
      return check(&CheckFiniteNumber);
    case ValueType::kOther:
      return;
  }
}

}  // namespace

CLI::Validator Above(double low) {
  return Range(absl::StrFormat("more than %g", low), [low](double value) { return value > low; });
}

CLI::Validator Within(const NumberRange& range) {
  return Range(range.ToString(), [range](double value) { return range.Contains(value); });
}

CLI::Validator AtLeastAndBelow(double low, double high) {
  return Range(absl::StrFormat("at least %g and below %g", low, high),
               [low, high](double value) { return value >= low && value < high; });
}

CLI::Validator AboveAndBelow(double low, double high) {
  return Range(absl::StrFormat("above %g and below %g", low, high),
               [low, high](double value) { return value > low && value < high; });
}

CLI::Validator OneOf(std::vector<std::string> words) {
  const std::string listed = absl::StrCat("{", absl::StrJoin(words, ","), "}");
  return CLI::Validator(
      [words = std::move(words)](std::string& text) {
        if (std::find(words.begin(), words.end(), text) != words.end()) return std::string();
        const auto last = words.end() - 1;
        return absl::StrCat("expected ", absl::StrJoin(words.begin(), last, ", "), words.size() > 1 ? " or " : "",
                            *last, ", got ", text, DidYouMean(text, words));
      },
      listed);
}

CLI::Validator ModelName() {
  return CLI::Validator(
      [](std::string& text) {
        return IsModelName(text) ? std::string() : absl::StrCat("expected ", kModelNameRule, ", got ", text);
      },
      "");
}

void FinishCommands(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) CheckNumbers(*option);
  for (CLI::App* command : app.get_subcommands(nullptr)) {
    const std::string own = command->get_footer();
    command->footer(absl::StrCat(own, own.empty() ? "" : "\n\n",
                                 "All commands take --server HOST:PORT, --tls, --tls-ca FILE, --timeout SECONDS,\n"
                                 "  --json, --wide; see roicast --help"));
    FinishCommands(*command);
  }
}

}  // namespace roicast::client
