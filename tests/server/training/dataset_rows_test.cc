#include "server/training/dataset_rows.h"

#include <gtest/gtest.h>

#include <fstream>

#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

class DatasetRowsTest : public ::testing::Test {
 protected:
  DatasetRowsTest() {
    test_.Open();
    TrainingSpec spec = SmallSpec();
    spec.training.epochs = 1;
    const auto artifact = TrainModel(ReadCsvOrFail(csv_), spec);
    EXPECT_TRUE(artifact.ok()) << artifact.status();
    EXPECT_TRUE(test_.store->Publish(NewVersion("shop", SerializeArtifact(*artifact))).ok());
    auto writer = test_.store->NewDataset("d.csv", {});
    EXPECT_TRUE((*writer)->Append(csv_).ok());
    dataset_ = *(*writer)->Finish();
  }
  absl::StatusOr<DatasetRows> Read(int64_t max_rows, MemoryBudget* memory = MemoryBudget::Unlimited(),
                                   const StopCheck& stop = nullptr) {
    return ReadDatasetRows(*test_.store, "shop", 1, dataset_.digest, max_rows, stop, memory);
  }

  const std::string csv_ = SmallDatasetCsv(400);
  TempFolder folder_;
  TestStore test_{folder_.path()};
  DatasetRecord dataset_;
};

TEST_F(DatasetRowsTest, AreEvenlySpreadAndDrawFromTheBudgetAsLongAsTheyLive) {
  const auto all = Read(400);
  ASSERT_TRUE(all.ok()) << all.status();
  MemoryBudget memory(100'000'000, 0);
  {
    const auto some = Read(100, &memory);
    ASSERT_TRUE(some.ok()) << some.status();
    EXPECT_EQ(some->dataset_rows, 400);
    ASSERT_EQ(some->rows.raw.rows(), 100);
    EXPECT_EQ(some->rows.raw.row(25), all->rows.raw.row(100));
    EXPECT_EQ(some->rows.truths[25], all->rows.truths[100]);
    EXPECT_EQ(memory.held(), 100 * (5 * sizeof(float) + sizeof(double)));
  }
  EXPECT_EQ(memory.held(), 0u);
}

// It was analysed as if it were what had been uploaded.
TEST_F(DatasetRowsTest, OfADamagedFileAreRefused) {
  ASSERT_TRUE(Read(400).ok());
  std::string damaged = csv_;
  damaged[damaged.size() - 2] = damaged[damaged.size() - 2] == '1' ? '2' : '1';
  std::ofstream(dataset_.path) << damaged;
  EXPECT_EQ(Read(400).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DatasetRowsTest, StopWhereverTheyAsk) {
  ASSERT_TRUE(Read(400).ok()) << "its reading is recorded, which asks more";
  int asked = 0, last = 1'000'000;
  const StopCheck stop = [&] { return ++asked < last ? absl::OkStatus() : absl::CancelledError("gone"); };
  ASSERT_TRUE(Read(400, MemoryBudget::Unlimited(), stop).ok());
  const int all = asked;
  for (last = 1; last <= all; ++last) {
    asked = 0;
    EXPECT_EQ(Read(400, MemoryBudget::Unlimited(), stop).status().code(), absl::StatusCode::kCancelled);
    EXPECT_EQ(asked, last);
  }
}

}  // namespace
}  // namespace roicast
