#include "server/rpc/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals" (1966).
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replace = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replace, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string DidYouMean(absl::string_view name, const Schema& schema) {
  constexpr size_t kLongestName = 100;
  const absl::string_view start = name.substr(0, kLongestName);
  size_t best = std::max<size_t>(2, start.size() / 3) + 1;
  const Feature* nearest = nullptr;
  for (const Feature& feature : schema.features) {
    const size_t distance = EditDistance(start, absl::string_view(feature.name).substr(0, kLongestName));
    if (distance < best) {
      best = distance;
      nearest = &feature;
    }
  }
  if (nearest != nullptr) return absl::StrCat("; did you mean \"", nearest->name, "\"?");
  constexpr size_t kListed = 20;
  std::string names = "; it has ";
  for (size_t i = 0; i < std::min(kListed, schema.features.size()); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", schema.features[i].name);
  }
  if (schema.features.size() > kListed) absl::StrAppend(&names, " and ", schema.features.size() - kListed, " more");
  return names;
}

}  // namespace roicast
