#include "server/services/decision/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "bench/campaign_artifact.h"
#include "server/errors/errors.h"
#include "tests/server/services/decision/decision_fixture.h"

namespace roicast {
namespace {

constexpr int64_t kMaxRows = 200000;

class ExplainTest : public DecisionTest {
 protected:
  // The first three rows as background.
  v1::ExplainRequest Request(int64_t rows = 5) const {
    v1::ExplainRequest request;
    *request.mutable_rows() = Rows(rows);
    *request.mutable_background() = Rows(3);
    return request;
  }
  absl::Status Error(const v1::ExplainRequest& request) const {
    return Explain(request, *model_, kMaxRows, never_).status();
  }
  // Attributions of a row.
  double SumOf(const v1::ExplainResponse& answer, int row) const {
    double sum = 0;
    for (int i = 0; i < answer.features_size(); ++i) sum += answer.attributions(row * answer.features_size() + i);
    return sum;
  }
};

TEST_F(ExplainTest, AttributionsAddUpToPredictsOwnNumber) {
  const auto answer = Explain(Request(), *model_, kMaxRows, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->features_size(), 20);
  EXPECT_EQ(answer->features(14), "spend");
  ASSERT_EQ(answer->predictions_size(), 5);
  ASSERT_EQ(answer->attributions_size(), 100);
  ASSERT_EQ(answer->standard_errors_size(), 100);
  const std::vector<float> values = Values(5);
  double base = 0;
  for (size_t i = 0; i < 3; ++i) base += Predict(RowOf(values, i)) / 3.0;
  EXPECT_NEAR(answer->base_value(), base, 1e-5);
  for (int row = 0; row < 5; ++row) {
    EXPECT_EQ(answer->predictions(row), Predict(RowOf(values, static_cast<size_t>(row))));
    const double prediction = answer->predictions(row);
    EXPECT_NEAR(answer->base_value() + SumOf(*answer, row), prediction, 1e-4 * std::fabs(prediction));
  }
}

TEST_F(ExplainTest, TheStoredBackgroundIsTheDefault) {
  const absl::Status without = Error([this] {
    v1::ExplainRequest request = Request();
    request.clear_background();
    return request;
  }());
  EXPECT_EQ(without.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(without), v1::NO_BACKGROUND);
  EXPECT_THAT(std::string(without.message()),
              ::testing::HasSubstr("model \"default\" version 1 has no stored background"));

  const std::vector<float> background = Values(3);
  model_ = Load([&background](Artifact& artifact) {
    artifact.background = Background{background, std::vector<float>(3, 1.0f / 3)};
  });
  v1::ExplainRequest request = Request();
  const auto given = Explain(request, *model_, kMaxRows, never_);
  request.clear_background();
  const auto stored = Explain(request, *model_, kMaxRows, never_);
  ASSERT_TRUE(given.ok() && stored.ok()) << stored.status();
  EXPECT_EQ(stored->base_value(), given->base_value());
  EXPECT_EQ(stored->attributions(37), given->attributions(37));
}

TEST_F(ExplainTest, ARejectedRowHasNoNumbersAndItsReason) {
  std::vector<float> values = Values(3);
  values[width() + static_cast<size_t>(Index("spend"))] = -5;
  v1::ExplainRequest request = Request();
  *request.mutable_rows() = Matrix(values);
  const auto answer = Explain(request, *model_, kMaxRows, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(std::isnan(answer->predictions(1)));
  EXPECT_TRUE(std::isnan(answer->attributions(20)));
  EXPECT_FALSE(std::isnan(answer->attributions(40)));
  EXPECT_EQ(answer->rows_refused(), 1);
  ASSERT_EQ(answer->issues_size(), 1);
  EXPECT_EQ(answer->issues(0).status().message(), "spend: expected > 0, got -5");
}

TEST_F(ExplainTest, BadInputIsNamed) {
  v1::ExplainRequest request = Request();
  *request.mutable_background() = Rows(65);
  EXPECT_EQ(Error(request).message(), "background: limit 64, got 65");
  std::vector<float> values = Values(2);
  values[width() + static_cast<size_t>(Index("spend"))] = -5;
  *request.mutable_background() = Matrix(values);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("background: row 1: spend: expected > 0, got -5"));
  request = Request();
  request.set_rounds(1);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  request = Request(100001);
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
  EXPECT_EQ(Error(request).message(), "rows × features: limit 2000000, got 2000020");
}

TEST_F(ExplainTest, AProbabilityIsExplainedToo) {
  model_ = LoadTwoValued();
  const auto answer = Explain(Request(), *model_, kMaxRows, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NEAR(answer->base_value() + SumOf(*answer, 4), answer->predictions(4), 1e-4);
}

TEST_F(ExplainTest, AttributionsDrawFromTheMemoryBudget) {
  MemoryBudget memory(1'400'000, 0);
  EXPECT_EQ(ReasonOf(Explain(Request(2000), *model_, kMaxRows, never_, &memory).status()), v1::SERVER_OVERLOADED);
  EXPECT_EQ(memory.held(), 0u);
  EXPECT_TRUE(Explain(Request(5), *model_, kMaxRows, never_, &memory).ok());
}

TEST_F(ExplainTest, StopsInTheMiddle) {
  int asked = 0;
  EXPECT_EQ(Explain(Request(2000), *model_, kMaxRows, StopAfter(3, &asked)).status(),
            absl::DeadlineExceededError("too late"));
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace roicast
