// Errors of the server in the words of the command line.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

// A field of a request that a flag filled in. values: as they were given, of a repeated flag.
struct FlagOfField {
  absl::string_view field, flag;
  std::vector<std::string> values = {};
};

// An INVALID_ARGUMENT about such a field is a usage error of its flag: `problem.lift_tests[1].standard_error: expected
// …` becomes `--lift-test 5..9=3,0: standard error: expected …`. A FAILED_PRECONDITION about one, such as a model
// without a spend, keeps its code and is reworded in the same way. Any other status stays as it is.
absl::Status BlameFlag(const absl::Status& status, const std::vector<FlagOfField>& fields);

}  // namespace roicast::client
