#include "model/network/training_rows.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace roicast {
namespace {

struct ThreeRows {
  RowMajorMatrix x = RowMajorMatrix::Constant(3, 2, 0.5f);
  std::vector<float> y = {0.0f, 1.0f, 0.25f}, weights = {1.0f, 3.0f, 2.0f}, offsets = {0.5f, -0.5f, 0.0f};
  LinearInput linear_input;

  TrainingRows rows() const { return {&x, y, weights, offsets, &linear_input}; }
};

TEST(TrainingRows, ValidateNamesFieldAndRow) {
  ThreeRows data;
  const auto message = [&data] { return std::string(data.rows().Validate("rows", 2, Loss::kSquared, {}).message()); };
  EXPECT_TRUE(data.rows().Validate("rows", 2, Loss::kLogistic, {}).ok());
  data.offsets[1] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(message(), "rows.offsets[1]: expected a finite value, got inf");
  data.offsets.pop_back();
  EXPECT_EQ(message(), "rows.offsets: expected 3 values, got 2");
  data.weights[2] = -1.0f;
  data.offsets.clear();
  EXPECT_EQ(message(), "rows.weights[2]: expected a finite value ≥ 0, got -1");
  data.weights.pop_back();
  EXPECT_EQ(message(), "rows.weights: expected 3 values, got 2");
  data.weights.clear();
  data.linear_input.hidden = {2};
  EXPECT_EQ(message(), "rows.linear_input: expected inputs from 0 to 1, got 2");
}

TEST(TrainingRows, ValidateStopsWithinManyRows) {
  const RowMajorMatrix x = RowMajorMatrix::Zero(1100, 4000);
  const std::vector<float> y(1100);
  const TrainingRows rows = {&x, y};
  const StopCheck stop = [] { return absl::CancelledError("enough"); };
  EXPECT_EQ(rows.Validate("rows", 4000, Loss::kSquared, stop), absl::CancelledError("enough"));
}

}  // namespace
}  // namespace roicast
