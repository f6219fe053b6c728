#include "server/serving/version_likeness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/one_line.h"
#include "base/tables/vocabulary_index.h"

namespace roicast {
namespace {

constexpr double kLowestReturn = 0.1;
constexpr size_t kListedFeatures = 4;
constexpr size_t kMaxTextBytes = 60;

std::string RoiText(double roi) {
  return std::abs(roi) < 1000.0 ? absl::StrFormat("%.3g", roi) : absl::StrFormat("%.0f", roi);
}

std::string RangeText(const RoiRange& range) { return absl::StrCat(RoiText(range.low), " to ", RoiText(range.high)); }

}  // namespace

std::string OtherScale(const RoiRange& serving, const RoiRange& candidate) {
  const double before = std::max(serving.high + 1.0, kLowestReturn);
  const double after = std::max(candidate.high + 1.0, kLowestReturn);
  if (after < before * kOtherScale && before < after * kOtherScale) return "";
  return absl::StrCat("a typical ROI is ", RangeText(candidate), ", and was ", RangeText(serving));
}

std::string LostWords(const Schema& serving, const Schema& candidate) {
  absl::flat_hash_map<absl::string_view, const Feature*> features;
  for (const Feature& feature : candidate.features) features[feature.name] = &feature;
  int64_t compared = 0;
  std::vector<std::string> lost;
  for (const Feature& feature : serving.features) {
    const auto found = features.find(feature.name);
    if (feature.kind != FeatureKind::kCategorical || feature.vocabulary.size() < 2 || found == features.end() ||
        found->second->kind != feature.kind) {
      continue;
    }
    ++compared;
    const VocabularyIndex index(found->second->vocabulary);
    size_t unknown = 0;
    const std::string* example = nullptr;
    for (const std::string& word : feature.vocabulary) {
      if (index.Find(word) >= 0) continue;
      if (example == nullptr) example = &word;
      ++unknown;
    }
    if (unknown * 2 <= feature.vocabulary.size()) continue;
    lost.push_back(absl::StrCat(unknown, " of ", feature.vocabulary.size(), " of \"",
                                OneLine(feature.name, kMaxTextBytes), "\", such as \"",
                                OneLine(*example, kMaxTextBytes), "\""));
  }
  if (static_cast<int64_t>(lost.size()) * 2 <= compared) return "";
  const size_t more = lost.size() - std::min(lost.size(), kListedFeatures);
  lost.resize(lost.size() - more);
  return absl::StrCat(absl::StrJoin(lost, "; "), more > 0 ? absl::StrCat("; and of ", more, " more features") : "");
}

}  // namespace roicast
