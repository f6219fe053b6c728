#include "model/explanation/background.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/explanation/row_groups.h"
#include "model/features/preprocessor.h"

namespace roicast {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
// Of the rows that are looked at.
constexpr int64_t kMaxSampledValues = int64_t{1} << 22;

bool Rejected(const Feature& feature, float value) {
  const RawValue kind = ClassifyRawValue(feature, value);
  return kind == RawValue::kNotFinite || kind == RawValue::kNotAllowed;
}

// Ascending. Knuth, "The Art of Computer Programming", vol. 2, 3.4.2, algorithm S.
std::vector<int64_t> SampleRows(int64_t n, int64_t wanted, uint64_t seed) {
  std::vector<int64_t> rows;
  Random random(seed);
  for (int64_t i = 0; i < n; ++i) {
    const auto missing = static_cast<uint64_t>(wanted) - rows.size();
    if (random.Below(static_cast<uint64_t>(n - i)) < missing) rows.push_back(i);
  }
  return rows;
}

// A feature's values of the sample, and the groups that they are in.
struct GroupedValues {
  std::vector<float> values;  // [rows]; NaN: missing
  const std::vector<int>& group_of;
  const std::vector<int64_t>& group_rows;

  int groups() const { return static_cast<int>(group_rows.size()); }
  int64_t rows() const { return static_cast<int64_t>(values.size()); }
};

// Hands words out to groups: to each at most its share of the rows, first where it is most frequent.
class ShareOut {
 public:
  explicit ShareOut(const std::vector<int64_t>& group_rows) : group_rows_(group_rows), word_(group_rows.size(), -1) {}

  // counts [groups]: rows of each group with the word.
  void Add(const std::vector<int64_t>& counts) {
    const int word = static_cast<int>(left_.size());
    left_.push_back(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
    for (size_t g = 0; g < counts.size(); ++g) {
      if (counts[g] > 0) claims_.push_back({static_cast<double>(counts[g]), static_cast<int>(g), word});
    }
  }

  // The word of each group. Without words: −1.
  std::vector<int> Take() {
    for (Claim& claim : claims_) claim.share /= static_cast<double>(group_rows_[claim.group] * left_[claim.word]);
    // The lift: how much more frequent the word is in the group than elsewhere, so that rare words find their groups.
    std::stable_sort(claims_.begin(), claims_.end(), [](const Claim& a, const Claim& b) { return a.share > b.share; });
    for (const Claim& claim : claims_) {
      if (word_[claim.group] >= 0 || 2 * left_[claim.word] < group_rows_[claim.group]) continue;
      Give(claim.group, claim.word);
    }
    for (size_t g = 0; g < word_.size(); ++g) {
      if (word_[g] >= 0 || left_.empty()) continue;
      Give(static_cast<int>(g), static_cast<int>(std::max_element(left_.begin(), left_.end()) - left_.begin()));
    }
    return word_;
  }

 private:
  struct Claim {
    double share;
    int group, word;
  };

  void Give(int group, int word) {
    word_[group] = word;
    left_[word] -= group_rows_[group];
  }

  const std::vector<int64_t>& group_rows_;
  std::vector<int> word_;
  std::vector<int64_t> left_;  // rows of each word that no group stands for yet
  std::vector<Claim> claims_;
};

std::vector<float> SpreadCategories(const GroupedValues& feature, int64_t vocabulary) {
  std::map<int64_t, std::vector<int64_t>> counts;  // by code; −1: missing; the vocabulary's size: outside of it
  for (int64_t i = 0; i < feature.rows(); ++i) {
    const float value = feature.values[i];
    const int64_t code = std::isnan(value) ? -1 : value < static_cast<float>(vocabulary) ? int64_t(value) : vocabulary;
    std::vector<int64_t>& count = counts[code];
    count.resize(feature.groups());
    ++count[feature.group_of[i]];
  }
  ShareOut words(feature.group_rows);
  std::vector<int64_t> codes;
  for (const auto& [code, count] : counts) {
    if (std::accumulate(count.begin(), count.end(), int64_t{0}) < kMinBackgroundGroup) continue;
    codes.push_back(code);
    words.Add(count);
  }
  std::vector<float> result;
  for (const int word : words.Take()) {
    const int64_t code = word < 0 ? -1 : codes[word];
    result.push_back(code < 0 ? kMissing : code == vocabulary ? kUnseenCode : static_cast<float>(code));
  }
  return result;
}

// Which groups have a value: as many as there are values for.
std::vector<bool> GroupsWithValue(const GroupedValues& feature) {
  std::vector<int64_t> present(feature.groups()), missing(feature.groups());
  for (int64_t i = 0; i < feature.rows(); ++i) {
    ++(std::isnan(feature.values[i]) ? missing : present)[feature.group_of[i]];
  }
  const int64_t values = std::accumulate(present.begin(), present.end(), int64_t{0});
  if (values < kMinBackgroundGroup) return std::vector<bool>(feature.groups(), false);
  if (feature.rows() - values < kMinBackgroundGroup) return std::vector<bool>(feature.groups(), true);
  ShareOut shares(feature.group_rows);
  shares.Add(present);
  shares.Add(missing);
  std::vector<bool> has_value;
  for (const int word : shares.Take()) has_value.push_back(word == 0);
  return has_value;
}

// The mean, or for a time the median, of sorted values.
float Middle(absl::Span<const float> values, bool time) {
  if (time) return values[values.size() / 2];
  double sum = 0.0;
  for (const float value : values) sum += value;
  const auto mean = static_cast<float>(sum / static_cast<double>(values.size()));
  return std::clamp(mean, values.front(), values.back());  // rounding
}

std::vector<float> SpreadNumbers(const GroupedValues& feature, bool time) {
  const std::vector<bool> has_value = GroupsWithValue(feature);
  std::vector<double> sum(feature.groups()), count(feature.groups());
  std::vector<float> sorted;
  for (int64_t i = 0; i < feature.rows(); ++i) {
    const float value = feature.values[i];
    if (std::isnan(value)) continue;
    sorted.push_back(value);
    sum[feature.group_of[i]] += value;
    count[feature.group_of[i]] += 1.0;
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::pair<double, int>> ranked;
  int64_t rows = 0;
  for (int g = 0; g < feature.groups(); ++g) {
    if (!has_value[g]) continue;
    ranked.emplace_back(count[g] > 0.0 ? sum[g] / count[g] : 0.0, g);
    rows += feature.group_rows[g];
  }
  std::sort(ranked.begin(), ranked.end());
  const auto values = static_cast<int64_t>(sorted.size());
  std::vector<float> result(feature.groups(), kMissing);
  int64_t before = 0;
  for (const auto& [mean, g] : ranked) {
    const int64_t from = before * values / rows;
    before += feature.group_rows[g];
    const int64_t size = std::max<int64_t>(before * values / rows - from, kMinBackgroundGroup);
    const int64_t begin = std::min(from, values - size);
    result[g] = Middle(absl::MakeConstSpan(sorted).subspan(begin, size), time);
  }
  return result;
}

}  // namespace

absl::Status Background::Validate(const Schema& schema) const {
  if (size() < 1 || size() > kMaxBackgroundRows) {
    return absl::InvalidArgumentError(
        absl::StrCat("background.weights: expected 1 to ", kMaxBackgroundRows, ", got ", size()));
  }
  const size_t expected = static_cast<size_t>(size()) * static_cast<size_t>(schema.size());
  if (rows.size() != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("background.rows: expected ", expected, " numbers, got ", rows.size()));
  }
  double sum = 0.0;
  for (const float weight : weights) {
    if (!(weight > 0.0f && weight <= 1.0f)) {
      return absl::InvalidArgumentError(absl::StrCat("background.weights: expected numbers > 0 and ≤ 1, got ", weight));
    }
    sum += weight;
  }
  if (std::abs(sum - 1.0) > 1e-4) {
    return absl::InvalidArgumentError(absl::StrCat("background.weights: expected the sum 1, got ", sum));
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const Feature& feature = schema.features[i % schema.features.size()];
    if (!Rejected(feature, rows[i])) continue;
    return absl::InvalidArgumentError(absl::StrCat("background.rows[", i / schema.features.size(), "] \"", feature.name,
                                                   "\": expected a value that serving accepts, got ", rows[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Background>> FitBackground(const RowMajorMatrix& raw, const Schema& schema,
                                                        const BackgroundOptions& options, const StopCheck& stop) {
  ROICAST_CHECK(raw.cols() == schema.size() && options.rows >= 1 && options.rows <= kMaxBackgroundRows);
  ROICAST_CHECK(options.max_sample >= kMinBackgroundGroup);
  if (raw.rows() < kMinBackgroundGroup) return std::optional<Background>();
  const int64_t fitting = std::max<int64_t>(kMaxSampledValues / std::max(schema.size(), 1), 1000);
  const int64_t n = std::min<int64_t>({raw.rows(), options.max_sample, fitting});
  const std::vector<int64_t> sample = SampleRows(raw.rows(), n, options.seed);
  RowMajorMatrix rows(n, raw.cols());
  for (int64_t i = 0; i < n; ++i) {
    for (int f = 0; f < schema.size(); ++f) {
      const float value = raw(sample[i], f);
      rows(i, f) = Rejected(schema.features[f], value) ? kMissing : value;
    }
  }
  const int groups = static_cast<int>(std::min<int64_t>(options.rows, n / kMinBackgroundGroup));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int> group_of, GroupRows(rows, schema, groups, stop));
  std::vector<int64_t> group_rows(groups);
  for (const int group : group_of) ++group_rows[group];

  Background background;
  background.rows.resize(static_cast<size_t>(groups) * schema.features.size());
  for (const int64_t count : group_rows) {
    background.weights.push_back(static_cast<float>(static_cast<double>(count) / static_cast<double>(n)));
  }
  for (int f = 0; f < schema.size(); ++f) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const Feature& feature = schema.features[f];
    GroupedValues values{std::vector<float>(n), group_of, group_rows};
    for (int64_t i = 0; i < n; ++i) values.values[i] = rows(i, f);
    const std::vector<float> spread = feature.kind == FeatureKind::kCategorical
                                          ? SpreadCategories(values, static_cast<int64_t>(feature.vocabulary.size()))
                                          : SpreadNumbers(values, feature.kind == FeatureKind::kTime);
    for (int g = 0; g < groups; ++g) background.rows[static_cast<size_t>(g) * schema.features.size() + f] = spread[g];
  }
  return background;
}

}  // namespace roicast
