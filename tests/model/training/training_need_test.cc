#include "model/training/training_need.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

TrainingSpec FixedSpec(std::vector<int> hidden) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.choose_capacity = false;
  spec.network.hidden = std::move(hidden);
  return spec;
}

TEST(TrainingNeed, CountsTheParametersOfTheNetwork) {
  const TrainingNeed need = NeedOf(FixedSpec({64, 32}), 10, 1);
  EXPECT_EQ(need.first_layer, 11 * 64);
  EXPECT_EQ(need.parameters, 11 * 64 + 65 * 32 + 33);
  EXPECT_EQ(need.artifact_bytes, 4 * need.parameters);
  // The trainer's nine, what is kept, and four copies of a checkpoint with four parts.
  EXPECT_EQ(need.memory_bytes, need.parameters * 4 * (9 + 1 + 16));
}

TEST(TrainingNeed, ALinearModelHasItsWeightsAlone) {
  EXPECT_EQ(NeedOf(FixedSpec({}), 10, 1).parameters, 11);
  EXPECT_EQ(NeedOf(SpecFromPreset(Preset::kAttention), 10, 1).memory_bytes, 0);
}

TEST(TrainingNeed, CountsTheNetworksThatAreComparedAndTheMembers) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  const TrainingNeed compact = NeedOf(spec, 10, 1);
  EXPECT_EQ(compact.memory_bytes, compact.parameters * 4 * (9 + 46 + 4 * (4 + 45)));
  spec.preset = Preset::kAccurate;
  EXPECT_EQ(NeedOf(spec, 10, 1).artifact_bytes, 5 * compact.artifact_bytes);
  EXPECT_GT(NeedOf(spec, 10, 1).memory_bytes, compact.memory_bytes);
  spec = SpecFromPreset(Preset::kAuto);
  EXPECT_GT(NeedOf(spec, 10, 8).memory_bytes, NeedOf(spec, 10, 1).memory_bytes);
}

TEST(TrainingNeed, SaysTheNeedTheLimitAndWhatToMakeSmaller) {
  const TrainingSpec spec = FixedSpec(std::vector<int>(16, 4096));
  const TrainingNeed need = NeedOf(spec, 1, 1);
  EXPECT_EQ(
      CheckNeed(need, spec, {.artifact_bytes = int64_t{256} << 20}),
      absl::InvalidArgumentError(
          "network.hidden (--hidden): 16 hidden layers with 251.7 million parameters give an artifact of at least "
          "1 GB, expected at most 268 MB; fewer or smaller layers take less"));
  EXPECT_EQ(CheckNeed(need, spec, {.memory_bytes = int64_t{1} << 30}),
            absl::ResourceExhaustedError(
                "network.hidden (--hidden): 16 hidden layers with 251.7 million parameters take at least 26 GB of "
                "memory to train, expected at most 1.1 GB (the server's --memory_budget); fewer or smaller layers take "
                "less"));
  EXPECT_TRUE(CheckNeed(need, spec, {}).ok());
}

TEST(TrainingNeed, NamesTheFirstLayerWhereItHasMost) {
  const TrainingSpec spec = FixedSpec({4096, 8});
  EXPECT_EQ(
      CheckNeed(NeedOf(spec, 100'000, 1), spec, {.artifact_bytes = 1000}).message(),
      "preprocessing.max_vocabulary and network.hidden[0] (--max-vocabulary, --hidden): 2 hidden layers with 409.6 "
      "million parameters give an artifact of at least 1.6 GB, expected at most 1 kB; a smaller first layer, "
      "fewer words or fewer columns take less");
}

// What the words of a table add is known only when it has been read.
TEST(TrainingNeed, IsCheckedAgainOnceTheInputsAreKnown) {
  const TrainingSpec spec = SmallSpec();
  TrainModelInputs inputs;
  inputs.limits.memory_bytes = NeedOf(spec, 1, 1).memory_bytes;
  const absl::Status status = TrainModel(ReadCsvOrFail(SmallDatasetCsv(100)), spec, inputs).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  inputs.limits.memory_bytes = NeedOf(spec, 40, 1).memory_bytes;
  EXPECT_TRUE(TrainModel(ReadCsvOrFail(SmallDatasetCsv(100)), spec, inputs).ok());
}

// A large stored network was trained on for the need of the small one that the spec has by default.
TEST(TrainingNeed, OfAWarmStartIsThatOfTheNetworkThatItStartsFrom) {
  const CsvTable data = ReadCsvOrFail(SmallDatasetCsv(100));
  TrainingSpec wide = SmallSpec();
  wide.network.hidden = {512, 256};
  wide.training.epochs = 1;
  const auto artifact = TrainModel(data, wide);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const int inputs_of_wide = artifact->mlp.inputs();
  TrainingSpec spec = SmallSpec();
  spec.training.epochs = 1;
  spec.warm_start_version = 1;
  TrainModelInputs inputs;
  inputs.warm_start = &*artifact;
  const TrainingNeed need = NeedOf(wide, inputs_of_wide, 1);
  inputs.limits.memory_bytes = need.memory_bytes - 1;
  ASSERT_GT(inputs.limits.memory_bytes, NeedOf(spec, inputs_of_wide, 1).memory_bytes);
  EXPECT_EQ(TrainModel(data, spec, inputs).status(),
            absl::ResourceExhaustedError(
                "training.warm_start_version (--warm-start): 2 hidden layers with 0.1 million parameters take at least "
                "14 MB of memory to train, expected at most 14 MB (the server's --memory_budget); a version with "
                "fewer or smaller layers takes less"));
  inputs.limits.memory_bytes = need.memory_bytes;
  MemoryBudget memory(1'000'000'000, 0);
  inputs.memory = &memory;
  EXPECT_TRUE(TrainModel(data, spec, inputs).ok());
  EXPECT_GE(memory.TakePeak(), static_cast<uint64_t>(need.memory_bytes));
}

}  // namespace
}  // namespace roicast
