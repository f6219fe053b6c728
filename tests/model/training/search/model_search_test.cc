#include "model/training/search/model_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/model_fit.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TrainingSpec AutoSpec(absl::Duration budget) {
  TrainingSpec spec = SpecFromPreset(Preset::kAuto);
  spec.extra.time_budget = budget;
  return spec;
}

Artifact Searched(const std::string& csv, absl::Duration budget, TrainingObserver* observer = nullptr) {
  absl::StatusOr<Artifact> artifact = TrainModel(ReadCsvOrFail(csv), AutoSpec(budget), {}, observer);
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return artifact.ok() ? *std::move(artifact) : Artifact();
}

TEST(ModelSearch, SaysWhatWasTriedAndServesItsBestParts) {
  class Steps : public TrainingObserver {
   public:
    void OnStep(absl::string_view step) override { steps.emplace(step); }
    std::set<std::string> steps;
  } observer;
  const Artifact artifact = Searched(SmallDatasetCsv(200), absl::Seconds(5), &observer);
  const std::vector<TriedModel>& tried = artifact.report.tried;
  ASSERT_GE(tried.size(), 4u);
  double share = 0.0, seconds = 0.0;
  for (size_t i = 0; i < tried.size(); ++i) {
    EXPECT_THAT(tried[i].description, HasSubstr(" → "));
    EXPECT_GT(tried[i].seconds, 0.0);
    if (i > 0) {
      EXPECT_GE(tried[i - 1].score, tried[i].score);
    }
    share += tried[i].share;
    seconds += tried[i].seconds;
  }
  EXPECT_NEAR(share, 1.0, 1e-9);
  EXPECT_GT(tried[0].share, 0.0);
  EXPECT_LT(seconds, 5.0);
  EXPECT_THAT(observer.steps, testing::Contains("candidate 1 of 9: no ramps, 64 → 32"));
  EXPECT_THAT(observer.steps, testing::Contains(StartsWith("members: ")));
  EXPECT_GE(artifact.report.members, 5);
  EXPECT_EQ(artifact.report.members % 5, 0);
  EXPECT_EQ(artifact.report.refit_rows, 200);
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.9);
  EXPECT_TRUE(ParseArtifact(SerializeArtifact(artifact)).ok());
}

TEST(ModelSearch, GivesTheSameBytesAgainAndAfterResuming) {
  const std::string csv = SmallDatasetCsv(100);
  const Artifact whole = Searched(csv, absl::Seconds(2));
  ScriptedObserver observer;
  observer.CancelAtPoll(2'000);
  EXPECT_EQ(TrainModel(ReadCsvOrFail(csv), AutoSpec(absl::Seconds(2)), {}, &observer).status().code(),
            absl::StatusCode::kCancelled);
  ASSERT_TRUE(observer.checkpoint.has_value());
  TrainModelInputs inputs;
  inputs.resume_from = &*observer.checkpoint;
  const auto resumed = TrainModel(ReadCsvOrFail(csv), AutoSpec(absl::Seconds(2)), inputs);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(SerializeArtifact(*resumed) == SerializeArtifact(whole));
}

TEST(ModelSearch, RefusesABudgetThatIsTooShortForOneCandidate) {
  const auto status = TrainModel(ReadCsvOrFail(SmallDatasetCsv(100)), AutoSpec(absl::Milliseconds(100))).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("extra.time_budget (--time-budget): expected at least "));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("s for these 80 rows, got 100ms: a time budget of 100ms is too short for one candidate"));
}

TEST(ModelSearch, IsLinearOnPureNoise) {
  Random random(5);
  std::string csv = "a,b,roi\n";
  for (int i = 0; i < 200; ++i)
    absl::StrAppend(&csv, random.Uniform(), ",", random.Uniform(), ",", random.Normal(), "\n");
  const Artifact artifact = Searched(csv, absl::Seconds(2));
  EXPECT_EQ(artifact.mlp.layers.size(), 1u);
  EXPECT_EQ(artifact.report.members, 1);
  EXPECT_THAT(artifact.report.tried[0].description, StartsWith("linear, "));
  EXPECT_EQ(artifact.report.tried[0].share, 1.0);
}

Preprocessor LearnPreprocessorWith(const PreparedData& data, TrainingSpec spec, int ramps) {
  spec.preprocessing.ramps = ramps;
  absl::StatusOr<Preprocessor> preprocessor = LearnPreprocessor(data, data.split.train, spec, nullptr);
  EXPECT_TRUE(preprocessor.ok()) << preprocessor.status();
  return *std::move(preprocessor);
}

TEST(Embed, IsTheSameFunctionOfTheSameRows) {
  TrainingSpec spec = SmallSpec();
  Random random(1);
  std::string csv = "price,clicks,channel,roi\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&csv, i % 7 == 0 ? "" : absl::StrCat(random.Uniform()), ",", random.Uniform(), ",",
                    random.Below(2) ? "a" : "b", ",", random.Normal(), "\n");
  }
  spec.split.holdout_fraction = 0.0;
  spec.split.validation_fraction = 0.0;
  const auto data = PrepareData(ReadCsvOrFail(csv), spec, nullptr);
  ASSERT_TRUE(data.ok()) << data.status();
  const auto plain = LearnPreprocessorWith(*data, spec, 0);
  const auto ramps = LearnPreprocessorWith(*data, spec, 4);
  ASSERT_GT(ramps.encoded_size(), plain.encoded_size());
  Mlp mlp;
  int before = plain.encoded_size();
  for (const int units : {5, 3, 1}) {
    DenseLayer layer;
    layer.activation = units == 1 ? Activation::kIdentity : Activation::kSilu;
    layer.weights.resize(units, before);
    for (Eigen::Index i = 0; i < layer.weights.size(); ++i)
      layer.weights.data()[i] = static_cast<float>(random.Normal());
    layer.biases = Eigen::VectorXf::Constant(units, 0.1f);
    before = units;
    mlp.layers.push_back(layer);
  }
  const Mlp embedded = Embed(mlp, plain, ramps, {8, 4});
  EXPECT_EQ(embedded.layers[0].outputs(), 8);
  EXPECT_EQ(embedded.layers[1].outputs(), 4);
  const RowMajorMatrix raw = ToRawRows(data->features, plain.schema());
  const RowMajorMatrix x = plain.Encode(raw), wide = ramps.Encode(raw);
  for (Eigen::Index i = 0; i < raw.rows(); ++i) {
    EXPECT_NEAR(embedded.Evaluate(wide.row(i).data()), mlp.Evaluate(x.row(i).data()), 1e-6);
  }
}

}  // namespace
}  // namespace roicast
