// Lift tests on the command line: of `roicast curve`, `roicast optimize` and `roicast plan`.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "roicast/v1/decision.pb.h"

namespace CLI {
class App;
}

namespace roicast::client {

class LiftFlags {
 public:
  // --lift-test [FEATURE=WORD:]LOW..HIGH=REVENUE,ERROR, which may be repeated.
  void AddTo(CLI::App& command);

  // Errors: usage errors.
  absl::Status AddTests(google::protobuf::RepeatedPtrField<v1::LiftTest>* tests) const;
  // As they were given.
  const std::vector<std::string>& tests() const { return tests_; }

 private:
  std::vector<std::string> tests_;
};

}  // namespace roicast::client
