#include "server/training/dataset_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

// A damaged file was read for good: its reading stayed when the dataset was uploaded again.
TEST(VerifiedDataset, RecordsNoReadingOfADamagedFile) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  const auto put = [&] {
    auto writer = store.NewDataset("d.csv", {});
    EXPECT_TRUE((*writer)->Append("spend,roi\n1,2\n3,4\n").ok());
    return *(*writer)->Finish();
  };
  const DatasetRecord stored = put();
  const auto verified = [&] { return VerifiedDataset(store, stored.digest, nullptr, MemoryBudget::Unlimited()); };
  std::ofstream(stored.path) << "spend;roi\n1;2\n3;4\n";
  const absl::Status damaged = verified().status();
  EXPECT_EQ(damaged.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(damaged.message()),
              HasSubstr(absl::StrCat("dataset ", stored.digest, ": the content of its file has digest ")));
  EXPECT_EQ(store.GetDataset(stored.digest)->reading, "");

  put();
  const auto mended = verified();
  ASSERT_TRUE(mended.ok()) << mended.status();
  EXPECT_EQ(ReadOptionsOf(*mended)->reading->file.delimiter, ',');
  EXPECT_EQ(store.GetDataset(stored.digest)->reading, mended->reading);
  // It is compared each time, though its reading is known.
  std::ofstream(stored.path) << "spend;roi\n1;2\n3;4\n";
  EXPECT_EQ(verified().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(VerifiedDataset(store, "0123", nullptr, MemoryBudget::Unlimited()).status(), DatasetNotFound("0123"));
}

}  // namespace
}  // namespace roicast
