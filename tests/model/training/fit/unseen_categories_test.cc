#include "model/training/fit/unseen_categories.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "model/network/initialization.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

Preprocessor OneCategorical() {
  Schema schema;
  schema.features.emplace_back();
  schema.features[0].name = "channel";
  schema.features[0].kind = FeatureKind::kCategorical;
  schema.features[0].vocabulary = {"search", "email"};
  auto preprocessor = Preprocessor::Create(schema, std::vector<FittedFeature>(1));
  EXPECT_TRUE(preprocessor.ok()) << preprocessor.status();
  return *preprocessor;
}

Mlp SmallMlp() {
  NetworkOptions options;
  options.hidden = {2};
  Random random(3);
  Mlp mlp = RandomMlp(3, options, random);
  mlp.layers[0].weights << 1.0f, 5.0f, 0.7f, -2.0f, 2.0f, 0.9f;
  return mlp;
}

TEST(SettleUnseenCategories, MakesOtherTheMeanCategoryIfNoRowHadIt) {
  RowMajorMatrix encoded(4, 3);
  encoded << 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0;
  Mlp mlp = SmallMlp();
  ASSERT_TRUE(SettleUnseenCategories(encoded, OneCategorical(), nullptr, mlp).ok());
  RowMajorMatrix expected(2, 3);
  expected << 1.0f, 5.0f, 2.0f, -2.0f, 2.0f, -1.0f;
  EXPECT_EQ(mlp.layers[0].weights, expected);
}

TEST(SettleUnseenCategories, SettlesTokensAndTheLinearPathOfAttention) {
  RowMajorMatrix encoded(4, 3);
  encoded << 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0;
  AttentionNetwork network;
  network.shape = {2, 1, 1, 1};
  network.feature_inputs = {3};
  const AttentionLayout layout(network.shape, network.feature_inputs);
  network.parameters.assign(layout.size, 9.0f);
  const std::vector<float> weights = {1.0f, -2.0f, 5.0f, 2.0f, 0.7f, 0.9f}, linear = {4.0f, 8.0f, 1.0f};
  std::copy(weights.begin(), weights.end(), network.parameters.begin() + layout.token[0]);
  std::copy(linear.begin(), linear.end(), network.parameters.begin() + layout.linear);
  std::vector<float> expected = network.parameters;
  ASSERT_TRUE(SettleUnseenCategories(encoded, OneCategorical(), nullptr, network).ok());
  expected[layout.token[0] + 4] = 2.0f;
  expected[layout.token[0] + 5] = -1.0f;
  expected[layout.linear + 2] = 5.0f;
  EXPECT_EQ(network.parameters, expected);
}

TEST(SettleUnseenCategories, KeepsTheWeightsTrainedOnRareCategories) {
  RowMajorMatrix encoded(3, 3);
  encoded << 1, 0, 0, 0, 1, 0, 0, 0, 1;
  Mlp mlp = SmallMlp();
  ASSERT_TRUE(SettleUnseenCategories(encoded, OneCategorical(), nullptr, mlp).ok());
  EXPECT_EQ(mlp.layers[0].weights, SmallMlp().layers[0].weights);
}

// The weights of an input that is 0 in every row stayed those that the network began with, so that each seed had
// another opinion on channels that it had never seen.
TEST(TrainModel, PredictsUnseenCategoriesAlikeWhateverTheSeed) {
  const CsvTable data = ReadCsvOrFail(SmallDatasetCsv(600));
  const CsvTable unseen = ReadCsvOrFail("price,clicks,channel,start,spend,roi\n1,1,radio,2024-03-01,50,0\n");
  double lowest = 1e9, highest = -1e9;
  for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    TrainingSpec spec = SmallSpec();
    spec.training.seed = seed;
    const auto artifact = TrainModel(data, spec, {});
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    const auto evaluation = EvaluateArtifact(*artifact, unseen, {}, 0.0);
    ASSERT_TRUE(evaluation.ok()) << evaluation.status();
    // The error of one row whose truth is 0.
    lowest = std::min(lowest, evaluation->metrics.model.roi.mae);
    highest = std::max(highest, evaluation->metrics.model.roi.mae);
  }
  // sin(2) + 0.5, and a channel whose mean effect is 0.
  EXPECT_GT(lowest, 1.2);
  EXPECT_LT(highest, 1.6);
}

}  // namespace
}  // namespace roicast
