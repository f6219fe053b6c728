#include "model/uncertainty/model_error.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(ModelError, NamesWhatDoesNotFit) {
  ModelError error;
  error.level = 0.2;
  error.common = 0.1;
  error.slopes = {{0.3, 0.2}, {0.0, 0.0}};
  error.rows = 400;
  EXPECT_EQ(error.Validate(2), absl::OkStatus());
  EXPECT_EQ(error.Validate(3), absl::InvalidArgumentError("model_error.slopes: expected one per feature, 3, got 2"));
  ModelError common = error;
  common.common = 0.3;
  EXPECT_EQ(common.Validate(2),
            absl::InvalidArgumentError("model_error.level: expected 0 ≤ common ≤ all, got 0.3 and 0.2"));
  ModelError slope = error;
  slope.slopes[1].all = -1.0;
  EXPECT_EQ(slope.Validate(2),
            absl::InvalidArgumentError("model_error.slopes[1]: expected 0 ≤ common ≤ all, got 0 and -1"));
  ModelError rows = error;
  rows.rows = 0;
  EXPECT_EQ(rows.Validate(2), absl::InvalidArgumentError("model_error.rows: expected at least 1, got 0"));
}

}  // namespace
}  // namespace roicast
