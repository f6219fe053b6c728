#include "base/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

constexpr size_t kMaxEdits = 2;
constexpr size_t kLongestName = 100;
// Of one call: names looked at, bytes compared and cells of the distance computed.
constexpr size_t kMostWork = 20'000;

// Without what writers of names confuse: --max-rows and --max_rows, "Campaign Name" and "campaign_name".
char Folded(char c) { return c == '-' || c == ' ' ? '_' : absl::ascii_tolower(static_cast<unsigned char>(c)); }

// Compares names with one name, which is folded already. Neither allocates memory.
class NameComparison {
 public:
  explicit NameComparison(absl::string_view folded) : folded_(folded) {}

  size_t work() const { return work_; }

  // The edits between the names; some number > most if they are more than that, or if the name is too long to compare.
  // most ≤ kMaxEdits.
  size_t EditsUpTo(size_t most, absl::string_view name) {
    ++work_;
    const size_t longer = std::max(name.size(), folded_.size());
    if (longer > kLongestName || longer - std::min(name.size(), folded_.size()) > most) return most + 1;
    absl::string_view a = folded_;
    size_t same = 0;
    while (!a.empty() && !name.empty() && a.front() == Folded(name.front())) {
      a.remove_prefix(1);
      name.remove_prefix(1);
      ++same;
    }
    while (!a.empty() && !name.empty() && a.back() == Folded(name.back())) {
      a.remove_suffix(1);
      name.remove_suffix(1);
      ++same;
    }
    work_ += same;
    return Distance(most, a, name);
  }

 private:
  // Optimal string alignment: Damerau, "A technique for computer detection and correction of spelling errors" (1964).
  // Of the table of a.size() times b.size() cells, only those at most `most` beside the diagonal can lead to so few
  // edits: Ukkonen, "Algorithms for approximate string matching" (1985). The cells beside this band stand for too many.
  size_t Distance(size_t most, absl::string_view a, absl::string_view b) {
    const auto too_many = static_cast<uint8_t>(most + 1);
    uint8_t* before_last = rows_[0];
    uint8_t* last = rows_[1];
    uint8_t* row = rows_[2];
    const size_t first_end = std::min(b.size(), most);
    for (size_t j = 0; j <= first_end; ++j) last[j] = static_cast<uint8_t>(j);
    last[first_end + 1] = too_many;
    for (size_t i = 1; i <= a.size(); ++i) {
      const size_t begin = i > most ? i - most : 1;
      const size_t end = std::min(b.size(), i + most);
      row[begin - 1] = begin == 1 && i <= most ? static_cast<uint8_t>(i) : too_many;
      uint8_t fewest = row[begin - 1];
      for (size_t j = begin; j <= end; ++j) {
        const char c = Folded(b[j - 1]);
        int edits = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == c ? 0 : 1)});
        if (i > 1 && j > 1 && a[i - 2] == c && a[i - 1] == Folded(b[j - 2])) {
          edits = std::min(edits, before_last[j - 2] + 1);
        }
        row[j] = static_cast<uint8_t>(std::min<int>(edits, too_many));
        fewest = std::min(fewest, row[j]);
      }
      row[end + 1] = too_many;
      work_ += 2 * most + 1;
      if (fewest > most) return too_many;
      uint8_t* const free = before_last;
      before_last = last;
      last = row;
      row = free;
    }
    return last[b.size()];
  }

  const absl::string_view folded_;
  size_t work_ = 0;
  // Cells 0 to b.size(), and one behind.
  uint8_t rows_[3][kLongestName + 2];
};

}  // namespace

std::string NearestName(absl::string_view name, NameList known) {
  if (name.size() > kLongestName) return "";
  char folded[kLongestName];
  std::transform(name.begin(), name.end(), folded, Folded);
  NameComparison comparison(absl::string_view(folded, name.size()));
  absl::string_view nearest;
  size_t fewest_edits = std::min(kMaxEdits, name.size() / 3) + 1;
  for (size_t i = 0; i < known.size() && fewest_edits > 0 && comparison.work() < kMostWork; ++i) {
    const size_t edits = comparison.EditsUpTo(fewest_edits - 1, known[i]);
    if (edits < fewest_edits) {
      fewest_edits = edits;
      nearest = known[i];
    }
  }
  return std::string(nearest);
}

std::string DidYouMean(absl::string_view name, NameList known) {
  const std::string nearest = NearestName(name, known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?");
}

std::string DidYouMeanOrList(absl::string_view name, NameList known, absl::string_view introduction) {
  constexpr size_t kListed = 20;
  std::string hint = DidYouMean(name, known);
  if (!hint.empty()) return hint;
  hint = absl::StrCat("; ", introduction, " ");
  const size_t listed = std::min(kListed, known.size());
  for (size_t i = 0; i < listed; ++i) absl::StrAppend(&hint, i > 0 ? ", " : "", known[i]);
  if (known.size() > listed) absl::StrAppend(&hint, " and ", known.size() - listed, " more");
  return hint;
}

}  // namespace roicast
