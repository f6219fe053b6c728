#include "client/cli/decisions/lift_flags.h"

#include <CLI/CLI.hpp>
#include <cmath>

#include "absl/strings/numbers.h"
#include "base/status_macros.h"
#include "client/cli/usage_error.h"

namespace roicast::client {
namespace {

// "1000..5000=6200,900": from 1000 to 5000, 6200 came, with a standard error of 900; "channel=search:" before it says
// of which rows.
absl::Status ParseLiftTest(const std::string& text, v1::LiftTest* test) {
  const auto wrong = [&] {
    return UnexpectedValue("--lift-test",
                           "[FEATURE=WORD:]LOW..HIGH=REVENUE,ERROR, such as 1000..5000=6200,900 or "
                           "channel=search:1000..5000=6200,900",
                           text);
  };
  // Numbers have no colon, words may.
  const size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    const size_t is = text.find('=');
    if (is == 0 || is == std::string::npos || is > colon) return wrong();
    test->set_feature(text.substr(0, is));
    test->set_word(text.substr(is + 1, colon - is - 1));
  }
  const std::string numbers = colon == std::string::npos ? text : text.substr(colon + 1);
  const size_t dots = numbers.find(".."), equals = numbers.find('='), comma = numbers.find(',');
  double low = 0, high = 0, revenue = 0, error = 0;
  const bool shaped = dots < equals && equals < comma && comma != std::string::npos;
  if (!shaped || !absl::SimpleAtod(numbers.substr(0, dots), &low) ||
      !absl::SimpleAtod(numbers.substr(dots + 2, equals - dots - 2), &high) ||
      !absl::SimpleAtod(numbers.substr(equals + 1, comma - equals - 1), &revenue) ||
      !absl::SimpleAtod(numbers.substr(comma + 1), &error)) {
    return wrong();
  }
  if (!(low >= 0 && low < high) || std::isinf(high)) {
    return UnexpectedValue("--lift-test", "0 ≤ LOW < HIGH", text);
  }
  if (!std::isfinite(revenue)) return UnexpectedValue("--lift-test", "a number as REVENUE", text);
  if (!(error > 0) || std::isinf(error)) return UnexpectedValue("--lift-test", "an ERROR above 0", text);
  test->mutable_spend()->set_low(low);
  test->mutable_spend()->set_high(high);
  test->set_incremental_revenue(revenue);
  test->set_standard_error(error);
  return absl::OkStatus();
}

}  // namespace

void LiftFlags::AddTo(CLI::App& command) {
  command
      .add_option("--lift-test", tests_,
                  "An experiment: spend of a campaign without and with an addition, the revenue it brought, and its "
                  "standard error; FEATURE=WORD: before it, if it is about these rows alone; repeatable")
      ->type_name("[FEATURE=WORD:]LOW..HIGH=REVENUE,ERROR")
      ->allow_extra_args(false);
}

absl::Status LiftFlags::AddTests(google::protobuf::RepeatedPtrField<v1::LiftTest>* tests) const {
  for (const std::string& text : tests_) ROICAST_RETURN_IF_ERROR(ParseLiftTest(text, tests->Add()));
  return absl::OkStatus();
}

}  // namespace roicast::client
