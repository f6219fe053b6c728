// What a prediction is explained against: a few made-up rows that stand for the training rows.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/data/schema.h"

namespace roicast {

inline constexpr int kMaxBackgroundRows = 64;
// No value of a background row tells of fewer training rows than this.
inline constexpr int kMinBackgroundGroup = 5;

// Typical raw rows with weights. Plain data; an artifact carries one.
struct Background {
  std::vector<float> rows;     // [size(), features], raw (model/data/schema.h); a value that serving accepts, or NaN
  std::vector<float> weights;  // [size()], > 0, with the sum 1: the share of the training rows that a row stands for

  int size() const { return static_cast<int>(weights.size()); }
  // Errors: InvalidArgument naming the field: 1 to kMaxBackgroundRows rows of the schema's width.
  absl::Status Validate(const Schema& schema) const;
};

struct BackgroundOptions {
  int rows = 32;  // at most, 1 to kMaxBackgroundRows; fewer if there are fewer than 5 training rows for each
  int64_t max_sample = 20000;  // training rows that are looked at, ≥ 5: a random sample, smaller for wide schemas
  uint64_t seed = 1;
};

// Rows are cut into groups of equal size by bisection along the first principal direction of their robustly scaled
// values (a PCA tree: Verma, Kpotufe and Dasgupta, "Which Spatial Partition Trees are Adaptive to Intrinsic
// Dimension?", UAI 2009); each group becomes a row. Means of groups would lie near the middle in every feature, and the
// prediction for the middle is not the mean prediction. So each feature is spread over the groups as it is spread over
// the rows: the groups are ranked by their means, and take the mean (a time: the median, which is an hour that occurs)
// of the part of the sorted values that their ranks stand for, at least kMinBackgroundGroup of them. Categories and
// missing values go to the groups that have most of them, until their share is used up; what fewer than
// kMinBackgroundGroup rows have in common does not occur.
//
// raw [n, schema.size()]; values that serving rejects count as missing. nullopt: n < kMinBackgroundGroup.
// Deterministic. Errors: those of `stop`.
absl::StatusOr<std::optional<Background>> FitBackground(const RowMajorMatrix& raw, const Schema& schema,
                                                        const BackgroundOptions& options = {},
                                                        const StopCheck& stop = nullptr);

}  // namespace roicast
