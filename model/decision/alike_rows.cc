#include "model/decision/alike_rows.h"

#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace roicast {
namespace {

// Rows by the features that tell campaigns apart.
struct TellingFeatures {
  absl::Span<const float> rows;
  size_t width = 0;
  std::vector<size_t> features = {};

  float Value(int32_t row, size_t feature) const {
    const float value = rows[static_cast<size_t>(row) * width + feature];
    return std::isnan(value) ? std::numeric_limits<float>::infinity() : value + 0.0f;  // −0 is 0
  }
};

struct AlikeHash {
  const TellingFeatures* telling;
  size_t operator()(int32_t row) const {
    size_t hash = 0;
    for (const size_t feature : telling->features) hash = absl::HashOf(hash, telling->Value(row, feature));
    return hash;
  }
};

struct AlikeEqual {
  const TellingFeatures* telling;
  bool operator()(int32_t a, int32_t b) const {
    for (const size_t feature : telling->features) {
      if (telling->Value(a, feature) != telling->Value(b, feature)) return false;
    }
    return true;
  }
};

}  // namespace

std::vector<int32_t> FirstAlikeRows(const MoneyModel& money, absl::Span<const float> rows) {
  const Schema& schema = money.schema();
  TellingFeatures telling = {rows, static_cast<size_t>(schema.size())};
  std::vector<bool> ignored(telling.width);
  ignored[static_cast<size_t>(money.spend_feature())] = true;
  for (const int feature : money.MovingFeatures()) ignored[static_cast<size_t>(feature)] = true;
  for (size_t f = 0; f < telling.width; ++f) {
    if (!ignored[f] && schema.features[f].kind != FeatureKind::kTime) telling.features.push_back(f);
  }
  const auto n = static_cast<int32_t>(rows.size() / telling.width);
  absl::flat_hash_set<int32_t, AlikeHash, AlikeEqual> distinct(static_cast<size_t>(n), AlikeHash{&telling},
                                                               AlikeEqual{&telling});
  std::vector<int32_t> first(static_cast<size_t>(n));
  for (int32_t row = 0; row < n; ++row) first[static_cast<size_t>(row)] = *distinct.insert(row).first;
  return first;
}

}  // namespace roicast
