// Sorting that can be stopped: of a hundred million numbers it takes ten seconds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/stop_check.h"

namespace roicast {

// Values that are sorted, or merged, between two questions whether to stop: a few milliseconds.
inline constexpr size_t kSortedBetweenStops = 65'536;

// Sorts by std::sort up to kSortedBetweenStops values, and beyond merges such pieces; what is equal may be in any
// order. Takes as much memory again. Errors: those of `stop`; then the values are in any order, but all there.
template <typename T, typename Less = std::less<T>>
absl::Status SortOrStop(std::vector<T>& values, const StopCheck& stop, Less less = {}) {
  const size_t count = values.size();
  for (size_t from = 0; from < count; from += kSortedBetweenStops) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    std::sort(values.begin() + static_cast<std::ptrdiff_t>(from),
              values.begin() + static_cast<std::ptrdiff_t>(std::min(count, from + kSortedBetweenStops)), less);
  }
  if (count <= kSortedBetweenStops) return absl::OkStatus();
  std::vector<T> merged(count);
  for (size_t width = kSortedBetweenStops; width < count; width *= 2) {
    RareStopCheck rare(&stop, kSortedBetweenStops);
    for (size_t from = 0; from < count; from += 2 * width) {
      const size_t middle = std::min(count, from + width), end = std::min(count, from + 2 * width);
      size_t a = from, b = middle;
      for (size_t to = from; to < end; ++to) {
        ROICAST_RETURN_IF_ERROR(rare.Done(1));
        const bool second = a == middle || (b < end && less(values[b], values[a]));
        merged[to] = values[second ? b++ : a++];
      }
    }
    values.swap(merged);
  }
  return absl::OkStatus();
}

}  // namespace roicast
