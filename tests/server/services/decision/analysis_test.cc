#include "server/services/decision/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "server/errors/errors.h"
#include "tests/server/services/decision/decision_fixture.h"

namespace roicast {
namespace {

class AnalysisTest : public DecisionTest {
 protected:
  v1::AnalyzeModelRequest Request(int64_t rows = 200) const {
    v1::AnalyzeModelRequest request;
    *request.mutable_rows() = Rows(rows);
    return request;
  }
  absl::Status Error(const v1::AnalyzeModelRequest& request) const {
    return AnalyzeModel(request, *model_, datasets_, never_).status();
  }

  // Knows none.
  DatasetRowsReader datasets_ = [](const ServedModel&, const std::string& digest, int64_t) {
    return absl::NotFoundError(digest);
  };
};

TEST_F(AnalysisTest, AnswersWhatIsAskedAndNothingElse) {
  const auto nothing = AnalyzeModel(Request(), *model_, datasets_, never_);
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_EQ(nothing->rows(), 200);
  EXPECT_EQ(nothing->importance_size() + nothing->dependence_size() + nothing->interactions_size(), 0);
  EXPECT_FALSE(nothing->has_tree());

  v1::AnalyzeModelRequest request = Request();
  request.set_importance(true);
  request.add_dependence("channel");
  request.add_dependence("spend");
  request.set_grid_points(5);
  request.set_individual_curves(3);
  request.add_interactions("spend");
  request.add_interactions("price");
  request.add_interactions("channel");
  request.set_tree_depth(2);
  const auto answer = AnalyzeModel(request, *model_, datasets_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->importance_size(), 20);
  EXPECT_FALSE(answer->against_truth());
  for (int i = 1; i < 20; ++i) EXPECT_GE(answer->importance(i - 1).importance(), answer->importance(i).importance());
  ASSERT_EQ(answer->dependence_size(), 2);
  EXPECT_EQ(answer->dependence(0).feature(), "channel");
  EXPECT_EQ(answer->dependence(0).labels_size(), answer->dependence(0).mean_size());
  EXPECT_EQ(answer->dependence(0).values_size(), 0);
  EXPECT_EQ(answer->dependence(1).values_size(), 5);
  ASSERT_EQ(answer->dependence(1).individual_size(), 3);
  EXPECT_EQ(answer->dependence(1).individual(0).values_size(), 5);
  EXPECT_EQ(answer->interactions_size(), 3);
  EXPECT_GE(answer->tree().rules_size(), 1);
}

// Only curves and budgets said it.
TEST_F(AnalysisTest, SaysThatNoExperimentConfirmsWhatTheSpendDoes) {
  v1::AnalyzeModelRequest request = Request(50);
  request.set_grid_points(5);
  request.add_dependence("channel");
  EXPECT_EQ(AnalyzeModel(request, *model_, datasets_, never_)->caveats_size(), 0);
  request.add_dependence("spend");
  const auto answer = AnalyzeModel(request, *model_, datasets_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->caveats_size(), 1);
  EXPECT_EQ(answer->caveats(0).code(), "no_lift_test");
}

TEST_F(AnalysisTest, DependenceIsTheMeanOfPredictions) {
  v1::AnalyzeModelRequest request = Request(50);
  request.add_dependence("spend");
  request.set_grid_points(2);
  const auto answer = AnalyzeModel(request, *model_, datasets_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const std::vector<float> values = Values(50);
  const v1::FeatureDependence& spend = answer->dependence(0);
  double sum = 0;
  for (size_t i = 0; i < 50; ++i) {
    std::vector<float> row = RowOf(values, i);
    row[static_cast<size_t>(Index("spend"))] = static_cast<float>(spend.values(0));
    sum += Predict(row);
  }
  EXPECT_NEAR(spend.mean(0), sum / 50, 1e-6);
}

TEST_F(AnalysisTest, TruthsMakeImportanceTheCostInAccuracy) {
  v1::AnalyzeModelRequest request = Request(300);
  const std::vector<float> values = Values(300);
  for (size_t i = 0; i < 300; ++i) request.add_truths(Predict(RowOf(values, i)));
  request.set_importance(true);
  const auto answer = AnalyzeModel(request, *model_, datasets_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->against_truth());
  EXPECT_GT(answer->importance(0).importance(), 0);
}

TEST_F(AnalysisTest, OfAStoredDatasetIsThatOfItsRowsAndTruths) {
  v1::AnalyzeModelRequest rows = Request(300);
  const std::vector<float> values = Values(300);
  for (size_t i = 0; i < 300; ++i) rows.add_truths(Predict(RowOf(values, i)));
  rows.set_importance(true);
  v1::AnalyzeModelRequest stored;
  stored.set_importance(true);
  stored.set_dataset_digest("known");
  datasets_ = [&](const ServedModel&, const std::string& digest, int64_t max_rows) -> absl::StatusOr<DatasetRows> {
    EXPECT_EQ(digest, "known");
    EXPECT_EQ(max_rows, 100000);
    DatasetRows read;
    read.dataset_rows = 400;
    read.rows.raw = Eigen::Map<const RowMajorMatrix>(values.data(), 300, static_cast<Eigen::Index>(width()));
    read.rows.truths.assign(rows.truths().begin(), rows.truths().end());
    read.rows.absent_features = {"region"};
    return read;
  };
  const auto expected = AnalyzeModel(rows, *model_, datasets_, never_);
  auto answer = AnalyzeModel(stored, *model_, datasets_, never_);
  ASSERT_TRUE(expected.ok() && answer.ok()) << answer.status();
  EXPECT_TRUE(answer->against_truth());
  EXPECT_EQ(answer->rows(), 300);
  EXPECT_EQ(answer->dataset_rows(), 400);
  EXPECT_EQ(answer->features_without_column(0), "region");
  EXPECT_EQ(answer->importance(0).SerializeAsString(), expected->importance(0).SerializeAsString());
  // Without the target there are no truths, and the answer says why.
  datasets_ = [&](const ServedModel&, const std::string&, int64_t) -> absl::StatusOr<DatasetRows> {
    DatasetRows read;
    read.rows.raw = Eigen::Map<const RowMajorMatrix>(values.data(), 300, static_cast<Eigen::Index>(width()));
    read.rows.truths.assign(300, std::nan(""));
    read.rows.no_truths_because = "no column";
    return read;
  };
  answer = AnalyzeModel(stored, *model_, datasets_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->against_truth());
  EXPECT_EQ(answer->no_truths_because(), "no column");
}

TEST_F(AnalysisTest, ADatasetComesAlone) {
  v1::AnalyzeModelRequest request = Request(10);
  request.set_dataset_digest("gone");
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("dataset_digest: expected either a dataset or rows, got both"));
  request.clear_rows();
  EXPECT_EQ(Error(request), absl::NotFoundError("gone"));
  request.add_truths(1);
  EXPECT_EQ(Error(request),
            absl::InvalidArgumentError("truths: expected none with a dataset, which has them itself, got 1"));
}

TEST_F(AnalysisTest, OfFewRowsThereIsNoTreeButAllElse) {
  v1::AnalyzeModelRequest request = Request(12);
  request.set_importance(true);
  request.set_tree_depth(3);
  const auto answer = AnalyzeModel(request, *model_, datasets_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->has_tree());
  EXPECT_EQ(answer->no_tree_because(), "a tree needs at least 20 rows with a prediction, there are 12");
  EXPECT_GT(answer->importance_size(), 0);
}

TEST_F(AnalysisTest, BadInputIsNamed) {
  v1::AnalyzeModelRequest request = Request(10);
  request.add_truths(1);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("truths: expected none, or one per row (10), got 1"));
  request = Request(10);
  request.add_dependence("spend");
  request.add_dependence("spend");
  EXPECT_EQ(Error(request),
            absl::InvalidArgumentError("dependence[1]: expected each feature once, got \"spend\" again"));
  request = Request(10);
  request.add_interactions("spend");
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("interactions: expected 2 to 16 features, got 1"));
  request = Request(10);
  request.add_dependence("color");
  EXPECT_THAT(std::string(Error(request).message()),
              ::testing::HasSubstr("dependence[0]: model \"default\" version 1 has no feature \"color\""));
  request = Request(30);
  request.set_tree_depth(7);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  request = Request(30);
  request.set_importance(true);
  request.set_shuffles(101);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AnalysisTest, CopiesOfRowsAndCurvesDrawFromTheMemoryBudget) {
  v1::AnalyzeModelRequest request = Request();
  for (const Feature& feature : model_->schema().features) {
    if (feature.kind == FeatureKind::kNumeric) request.add_dependence(feature.name);
  }
  request.set_grid_points(200);
  request.set_individual_curves(200);
  MemoryBudget memory(2'000'000, 0), enough(100'000'000, 0);
  EXPECT_EQ(ReasonOf(AnalyzeModel(request, *model_, datasets_, never_, &memory).status()), v1::SERVER_OVERLOADED);
  EXPECT_EQ(memory.held(), 0u);
  EXPECT_TRUE(AnalyzeModel(request, *model_, datasets_, never_, &enough).ok());
  EXPECT_EQ(enough.held(), 0u);
}

TEST_F(AnalysisTest, StopsInTheMiddle) {
  v1::AnalyzeModelRequest request = Request(2000);
  request.set_importance(true);
  int asked = 0;
  EXPECT_EQ(AnalyzeModel(request, *model_, datasets_, StopAfter(5, &asked)).status(),
            absl::DeadlineExceededError("too late"));
  EXPECT_EQ(asked, 6);
}

}  // namespace
}  // namespace roicast
