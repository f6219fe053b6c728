#include "model/features/version_likeness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
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
constexpr double kHardly = 0.1;
// Of a range in another unit: its ends are those of a sample, and vary.
constexpr double kLeastWidening = 3.0;
constexpr size_t kListedFeatures = 4;
constexpr size_t kMaxTextBytes = 60;

std::string NumberText(double number) {
  return std::abs(number) < 999.5 ? absl::StrFormat("%.3g", number) : absl::StrFormat("%.0f", number);
}

// A tenth of the narrower range, or less.
bool HardlyOverlap(const Feature& a, const Feature& b) {
  const double narrower = std::min(a.seen_max - a.seen_min, b.seen_max - b.seen_min);
  if (!std::isfinite(narrower) || narrower <= 0.0) return false;
  return std::min(a.seen_max, b.seen_max) - std::max(a.seen_min, b.seen_min) <= kHardly * narrower;
}

bool DifferByFactor(double a, double b, double factor) {
  const double smaller = std::min(std::abs(a), std::abs(b)), larger = std::max(std::abs(a), std::abs(b));
  return a * b > 0.0 && larger >= smaller * factor;
}

// Whether the widths of the ranges differ in the same direction as the usual values do. Unknown ranges, and numbers
// that are always the same, do not deny it.
bool WidthsGoAlong(const Feature& before, double usual_before, const Feature& after, double usual_after) {
  double narrow = before.seen_max - before.seen_min, wide = after.seen_max - after.seen_min;
  if (!std::isfinite(narrow) || !std::isfinite(wide) || (narrow <= 0.0 && wide <= 0.0)) return true;
  if (std::abs(usual_after) < std::abs(usual_before)) std::swap(narrow, wide);
  return wide >= kLeastWidening * narrow;
}

enum class Shift { kNone, kMoved, kOtherUnit };

Shift ShiftOf(const Feature& before, double usual_before, const Feature& after, double usual_after) {
  if (std::isnan(usual_before) || std::isnan(usual_after)) return Shift::kNone;
  // Of a number with two values the usual one changes by chance.
  const bool was_unusual = usual_after < before.seen_min || usual_after > before.seen_max;
  if (DifferByFactor(usual_before, usual_after, kOtherScale) &&
      (was_unusual || WidthsGoAlong(before, usual_before, after, usual_after))) {
    return Shift::kOtherUnit;
  }
  const bool moved = DifferByFactor(usual_before, usual_after, 2.0) || usual_before * usual_after <= 0.0;
  return moved && usual_before != usual_after && HardlyOverlap(before, after) ? Shift::kMoved : Shift::kNone;
}

std::string NumbersText(const Feature& feature, double usual) {
  std::string text = NumberText(usual);
  if (!(feature.seen_min < feature.seen_max) || !std::isfinite(feature.seen_max - feature.seen_min)) return text;
  return absl::StrCat(text, " (", NumberText(feature.seen_min), " to ", NumberText(feature.seen_max), ")");
}

std::string RangeText(const RoiRange& range) {
  return absl::StrCat(NumberText(range.low), " to ", NumberText(range.high));
}

// The numeric features of both whose shift is one of these, for people.
template <typename IsAsked>
std::string ShiftedText(const UsualNumbers& serving, const UsualNumbers& candidate, const IsAsked& is_asked) {
  if (serving.typical.empty() || candidate.typical.empty()) return "";
  absl::flat_hash_map<absl::string_view, size_t> places;
  for (size_t i = 0; i < candidate.schema.features.size(); ++i) places[candidate.schema.features[i].name] = i;
  std::vector<std::string> other;
  for (size_t i = 0; i < serving.schema.features.size(); ++i) {
    const Feature& before = serving.schema.features[i];
    const auto place = places.find(before.name);
    if (before.kind != FeatureKind::kNumeric || place == places.end()) continue;
    const Feature& after = candidate.schema.features[place->second];
    if (after.kind != FeatureKind::kNumeric) continue;
    const double was = serving.typical[i], is = candidate.typical[place->second];
    if (!is_asked(ShiftOf(before, was, after, is))) continue;
    other.push_back(absl::StrCat("\"", OneLine(before.name, kMaxTextBytes), "\" is usually ", NumbersText(after, is),
                                 ", and was ", NumbersText(before, was)));
  }
  const size_t more = other.size() - std::min(other.size(), kListedFeatures);
  other.resize(other.size() - more);
  return absl::StrCat(absl::StrJoin(other, "; "), more > 0 ? absl::StrCat("; and ", more, " more features") : "");
}

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

std::string OtherUnits(const UsualNumbers& serving, const UsualNumbers& candidate) {
  return ShiftedText(serving, candidate, [](Shift shift) { return shift == Shift::kOtherUnit; });
}

std::string MovedNumbers(const UsualNumbers& serving, const UsualNumbers& candidate) {
  return ShiftedText(serving, candidate, [](Shift shift) { return shift == Shift::kMoved; });
}

std::string OtherNumbers(const UsualNumbers& serving, const UsualNumbers& candidate) {
  return ShiftedText(serving, candidate, [](Shift shift) { return shift != Shift::kNone; });
}

}  // namespace roicast
