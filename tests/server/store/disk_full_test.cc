#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "tests/server/store/killed.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

// Publishes until it is refused; then small things still work, and after making room, large ones as well.
void FillAndGoOn(TestStore& test, absl::string_view expected_message) {
  Store& store = test.Open();
  const auto running = store.CreateJob({"shop", "spec", "", ""});
  ASSERT_TRUE(running.ok()) << running.status();
  const std::string large(200'000, 'x');
  absl::Status full;
  int64_t published = 0;
  while (full.ok()) {
    full = store.Publish(NewVersion("shop", large)).status();
    if (full.ok()) ++published;
    ASSERT_LT(published, 1000);
  }
  EXPECT_EQ(full, StoreFull(expected_message));
  ASSERT_GE(published, 2);
  // Nothing was half-published: what is listed can be read.
  EXPECT_EQ(store.GetVersion("shop", 0)->version, published);
  for (int64_t version = 1; version <= published; ++version) {
    EXPECT_EQ(*store.ReadArtifact("shop", version), large);
  }
  test.Execute("DELETE FROM versions WHERE model = 'shop' AND version <= 2");
  const auto again = store.Publish(NewVersion("shop", large));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->version, published + 1);
  EXPECT_EQ(*test.Open().ReadArtifact("shop", again->version), large);
}

TEST(DiskFull, TheQuotaRefusesAPublicationWhole) {
  TempFolder folder;
  TestStore test(folder.path());
  test.options.max_database_bytes = 1 << 20;
  FillAndGoOn(test, "the disk or the store's quota is full: nothing was written");
}

TEST(DiskFull, ADatasetThatCannotBeRecordedLeavesNoFile) {
  TempFolder folder;
  TestStore test(folder.path());
  test.options.max_database_bytes = 1 << 18;
  Store& store = test.Open();
  absl::Status full;
  for (int i = 0; i < 5000 && full.ok(); ++i) {
    full = store.CreateJob({"shop", std::string(500, 's'), "", ""}).status();
  }
  ASSERT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  // A record takes little room: the last pages go with these.
  absl::Status refused;
  int64_t kept = 0;
  for (int i = 0; i < 5000 && refused.ok(); ++i) {
    auto writer = store.NewDataset(std::string(200, 'n'), {});
    ASSERT_TRUE((*writer)->Append(absl::StrCat("a,b\n", i, ",2\n")).ok());
    refused = (*writer)->Finish().status();
    if (refused.ok()) ++kept;
  }
  ASSERT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  const std::filesystem::directory_iterator files(folder.path() + "/datasets");
  EXPECT_EQ(std::distance(begin(files), end(files)), kept);
}

class TinyDisk {
 public:
  TinyDisk() { mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=4m") == 0; }
  ~TinyDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const std::string& path() const { return folder_.path(); }

 private:
  TempFolder folder_;
  bool mounted_;
};

TEST(DiskFull, AFullDiskFailsTheWholeUploadAndTheStoreKeepsWorking) {
  TinyDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  TestStore test(disk.path());
  Store& store = test.Open();
  {
    auto writer = store.NewDataset("large.csv", {});
    const std::string piece(100'000, 'x');
    absl::Status status;
    while (status.ok()) status = (*writer)->Append(piece);
    EXPECT_EQ(status, StoreFull("cannot write the dataset: the disk is full"));
    const absl::Status publish = store.Publish(NewVersion("shop", piece)).status();
    EXPECT_EQ(ReasonOf(publish), v1::STORE_FULL) << publish;
  }
  // The failed upload was removed, so there is space again.
  EXPECT_TRUE(store.Publish(NewVersion("shop", "small")).ok());
  EXPECT_EQ(*test.Open().ReadArtifact("shop", 1), "small");
}

// Versions were published while the log could be moved in part only, and were gone with the log.
TEST(DiskFull, ALogThatIsLostOnAFullDiskTakesNoPublishedVersionWithIt) {
  TinyDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  TestStore test(disk.path());
  std::vector<std::string> warnings;
  test.options.warn = [&](const std::string& message) { warnings.push_back(message); };
  Store& store = test.Open();
  const std::string content(100'000, 'x');
  ASSERT_TRUE(store.Publish(NewVersion("shop", content)).ok());
  int64_t published = 1;
  int refused = 0;
  // Ever less is free, to meet the limit in each file.
  std::ofstream filler(disk.path() + "/filler");
  filler << std::string(1'500'000, 'f') << std::flush;
  while (refused < 20) {
    const auto version = store.Publish(NewVersion("shop", content));
    if (version.ok()) {
      EXPECT_EQ(version->version, ++published);
      // Who is told of a version can have it serve.
      ServingStep step;
      step.model = "shop";
      step.version = published;
      const auto recorded = store.RecordServing(step, "");
      EXPECT_TRUE(recorded.ok()) << recorded.status();
    } else {
      EXPECT_EQ(version.status().code(), absl::StatusCode::kResourceExhausted) << version.status();
      ++refused;
      filler << std::string(4096, 'f') << std::flush;
    }
    ASSERT_LT(published, 100);
  }
  ASSERT_GE(published, 5);
  EXPECT_EQ(store.GetVersion("shop", 0)->version, published);
  EXPECT_THAT(warnings, ::testing::IsEmpty());
  std::filesystem::remove(disk.path() + "/filler");
  Killed killed(test);
  std::filesystem::resize_file(killed.File("roicast.db-wal"), 0);
  Store& next = killed.test().Open();
  for (int64_t version = 1; version <= published; ++version) EXPECT_EQ(*next.ReadArtifact("shop", version), content);
}

}  // namespace
}  // namespace roicast
