#include "model/network/described_mlp.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace roicast {

std::optional<DescribedMlp> ParseDescription(absl::string_view description) {
  std::vector<int> sizes;
  for (const absl::string_view layer : absl::StrSplit(description, " → ")) {
    // "32 SiLU": the units, and their activation.
    const std::vector<absl::string_view> words = absl::StrSplit(layer, ' ');
    int size = 0;
    if (words.size() > 2 || !absl::SimpleAtoi(words.front(), &size) || size < 1) return std::nullopt;
    sizes.push_back(size);
  }
  if (sizes.size() < 2 || sizes.back() != 1) return std::nullopt;
  return DescribedMlp{sizes.front(), {sizes.begin() + 1, sizes.end() - 1}};
}

}  // namespace roicast
