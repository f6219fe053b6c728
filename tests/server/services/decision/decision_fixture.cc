#include "tests/server/services/decision/decision_fixture.h"

#include "bench/campaign_artifact.h"
#include "server/services/prediction/model_binding.h"

namespace roicast {

DecisionTest::DecisionTest() { model_ = Load(); }

std::shared_ptr<const ServedModel> DecisionTest::Load(const std::function<void(Artifact&)>& change) {
  Artifact artifact = bench::MakeCampaignArtifact(1);
  if (change) change(artifact);
  auto model = ServedModel::Load("default", 1, SerializeArtifact(artifact), ModelBinding::Make, metrics_);
  EXPECT_TRUE(model.ok()) << model.status();
  return *model;
}

std::shared_ptr<const ServedModel> DecisionTest::LoadTwoValued() {
  return Load([](Artifact& artifact) {
    artifact.target = TwoValuedTarget();
    artifact.report.target = {.name = "converted", .is_roi = false, .positive_value = "yes", .negative_value = "no"};
    const auto predictor = Predictor::CompileUnverified(artifact);
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    (*predictor)
        ->Predict(artifact.golden.rows.data(), static_cast<int64_t>(artifact.golden.predictions.size()),
                  absl::MakeSpan(artifact.golden.predictions), {});
  });
}

std::shared_ptr<const ServedModel> DecisionTest::LoadFlatRevenue() {
  return Load([](Artifact& artifact) {
    artifact.report.target = {.name = "revenue", .is_roi = false};
    artifact.mlp.layers.back().weights.setZero();
    artifact.mlp.layers.back().biases.setConstant(8.0f);
    const auto predictor = Predictor::CompileUnverified(artifact);
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    (*predictor)
        ->Predict(artifact.golden.rows.data(), static_cast<int64_t>(artifact.golden.predictions.size()),
                  absl::MakeSpan(artifact.golden.predictions), {});
  });
}

std::vector<float> DecisionTest::Values(int64_t rows) const {
  return bench::MakeCampaignRows(model_->schema(), rows, 7);
}

v1::RowInput DecisionTest::Matrix(const std::vector<float>& values) const {
  v1::RowInput input;
  input.mutable_matrix()->mutable_values()->Add(values.begin(), values.end());
  input.mutable_matrix()->set_rows(static_cast<int64_t>(values.size() / width()));
  input.mutable_matrix()->set_schema_digest(model_->schema().Digest());
  return input;
}

float DecisionTest::Predict(const std::vector<float>& row) const {
  float prediction = 0;
  model_->predictor().Predict(row.data(), 1, absl::MakeSpan(&prediction, 1), {});
  return prediction;
}

std::vector<float> DecisionTest::RowOf(const std::vector<float>& values, size_t row) const {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * width());
  return {begin, begin + static_cast<std::ptrdiff_t>(width())};
}

StopCheck StopAfter(int before, int* asked) {
  return [before, asked]() -> absl::Status {
    return ++*asked > before ? absl::DeadlineExceededError("too late") : absl::OkStatus();
  };
}

}  // namespace roicast
