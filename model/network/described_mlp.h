// The shape of a network, from what is said of it for people: for those who have that alone.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

struct DescribedMlp {
  int inputs = 0;
  std::vector<int> hidden;  // units per hidden layer
};

// description: Mlp::Describe of a single network. nullopt: it is something else, such as that of an ensemble.
std::optional<DescribedMlp> ParseDescription(absl::string_view description);

}  // namespace roicast
