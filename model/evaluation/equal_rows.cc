#include "model/evaluation/equal_rows.h"

#include <cmath>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Some milliseconds.
constexpr size_t kRowsBetweenStops = 16'384;

}  // namespace

absl::StatusOr<std::vector<int64_t>> GroupEqualRows(absl::Span<const float> rows, int64_t width,
                                                    const StopCheck& stop) {
  ROICAST_CHECK(width >= 1 && static_cast<int64_t>(rows.size()) % width == 0);
  // Equal values get equal bytes: one NaN, and −0.0 + 0.0 = 0.0.
  std::vector<float> plain(rows.begin(), rows.end());
  for (float& value : plain) value = std::isnan(value) ? std::numeric_limits<float>::quiet_NaN() : value + 0.0f;
  const auto count = static_cast<int64_t>(plain.size()) / width;
  std::vector<int64_t> groups;
  groups.reserve(count);
  absl::flat_hash_map<absl::string_view, int64_t> group_of;
  RareStopCheck rare(&stop, kRowsBetweenStops);
  for (int64_t row = 0; row < count; ++row) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    const absl::string_view bytes(reinterpret_cast<const char*>(plain.data() + row * width), width * sizeof(float));
    groups.push_back(group_of.try_emplace(bytes, static_cast<int64_t>(group_of.size())).first->second);
  }
  return groups;
}

std::vector<int64_t> NumberGroups(absl::Span<const int64_t> groups) {
  absl::flat_hash_map<int64_t, int64_t> number_of;
  std::vector<int64_t> numbers;
  numbers.reserve(groups.size());
  for (const int64_t group : groups) {
    numbers.push_back(number_of.try_emplace(group, static_cast<int64_t>(number_of.size())).first->second);
  }
  return numbers;
}

}  // namespace roicast
