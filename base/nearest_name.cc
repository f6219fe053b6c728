#include "base/nearest_name.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace roicast {
namespace {

constexpr size_t kMaxEdits = 2;
constexpr size_t kLongestName = 100;

// Optimal string alignment. Damerau, "A technique for computer detection and correction of spelling errors" (1964).
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

// Without what writers of names confuse: --max-rows and --max_rows, "Campaign Name" and "campaign_name".
std::string Folded(absl::string_view name) {
  std::string folded = absl::AsciiStrToLower(name);
  std::replace_if(
      folded.begin(), folded.end(), [](char c) { return c == '-' || c == ' '; }, '_');
  return folded;
}

}  // namespace

std::string NearestName(absl::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kLongestName) return "";
  const std::string folded = Folded(name);
  std::string nearest;
  size_t fewest_edits = std::min(kMaxEdits, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestName) continue;
    const size_t edits = EditDistance(folded, Folded(candidate));
    if (edits < fewest_edits) {
      fewest_edits = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string DidYouMean(absl::string_view name, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(name, known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?");
}

std::string DidYouMeanOrList(absl::string_view name, const std::vector<std::string>& known,
                             absl::string_view introduction) {
  constexpr size_t kListed = 20;
  if (std::string nearest = DidYouMean(name, known); !nearest.empty()) return nearest;
  const size_t listed = std::min(kListed, known.size());
  const std::string names = absl::StrJoin(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(listed), ", ");
  const std::string rest = known.size() > listed ? absl::StrCat(" and ", known.size() - listed, " more") : "";
  return absl::StrCat("; ", introduction, " ", names, rest);
}

}  // namespace roicast
