#include "server/services/training/dataset_profile.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tables/time_form.h"

namespace roicast {
namespace {

constexpr size_t kMaxDistinct = 100000;
constexpr size_t kExamples = 5;
constexpr size_t kCellsBetweenStops = 65536;

// The most frequent values; those that are as frequent, in their own order.
template <typename Value>
std::vector<Value> MostFrequent(const absl::flat_hash_map<Value, int64_t>& counts) {
  std::vector<std::pair<int64_t, Value>> ordered;
  for (const auto& [value, count] : counts) ordered.emplace_back(-count, value);
  const size_t kept = std::min(kExamples, ordered.size());
  std::partial_sort(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(kept), ordered.end());
  std::vector<Value> values;
  for (size_t i = 0; i < kept; ++i) values.push_back(ordered[i].second);
  return values;
}

absl::Status ProfileNumbers(const Column& column, const StopCheck& stop, v1::ColumnProfile& profile) {
  RareStopCheck rare(&stop, kCellsBetweenStops);
  absl::flat_hash_map<double, int64_t> counts;
  double sum = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double number : column.numbers) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    if (std::isnan(number)) continue;
    sum += number;
    low = std::min(low, number);
    high = std::max(high, number);
    const auto found = counts.find(number);
    if (found != counts.end()) {
      ++found->second;
    } else if (counts.size() < kMaxDistinct) {
      counts.emplace(number, 1);
    }
  }
  profile.set_distinct(static_cast<int64_t>(counts.size()));
  if (profile.present() == 0) return absl::OkStatus();
  profile.set_min(low);
  profile.set_mean(sum / static_cast<double>(profile.present()));
  profile.set_max(high);
  for (const double number : MostFrequent(counts)) {
    profile.add_examples(column.kind == FeatureKind::kTime ? FormatTime(static_cast<int64_t>(number))
                                                           : absl::StrCat(number));
  }
  return absl::OkStatus();
}

absl::Status ProfileCategories(const Column& column, const StopCheck& stop, v1::ColumnProfile& profile) {
  RareStopCheck rare(&stop, kCellsBetweenStops);
  absl::flat_hash_map<int32_t, int64_t> counts;
  for (const int32_t code : column.codes) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    if (code == kMissingCode) continue;
    ++counts[code];
  }
  profile.set_distinct(static_cast<int64_t>(std::min(kMaxDistinct, counts.size())));
  for (const int32_t code : MostFrequent(counts))
    profile.add_examples(std::string(column.dictionary[static_cast<size_t>(code)]));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ColumnProfile> ProfileColumn(const Column& column, const StopCheck& stop) {
  v1::ColumnProfile profile;
  profile.set_name(column.name);
  int64_t missing = 0;
  for (int64_t row = 0; row < column.size(); ++row) missing += column.IsMissing(row) ? 1 : 0;
  profile.set_missing(missing);
  profile.set_present(column.size() - missing);
  if (column.kind == FeatureKind::kCategorical) {
    ROICAST_RETURN_IF_ERROR(ProfileCategories(column, stop, profile));
  } else {
    ROICAST_RETURN_IF_ERROR(ProfileNumbers(column, stop, profile));
  }
  return profile;
}

}  // namespace roicast
