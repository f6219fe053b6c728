// A start must not take anything away: not what others put into the folder, and no dataset that the database does not
// know, which may be all that is left of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

namespace fs = std::filesystem;

std::string Digest(char digit) { return std::string(64, digit); }

class Sweep : public ::testing::Test {
 protected:
  Sweep() {
    test_.options.warn = [this](const std::string& message) { warnings_.push_back(message); };
    test_.Open();
  }
  std::string Datasets(const std::string& name = "") const { return folder_.path() + "/datasets/" + name; }
  void Write(const std::string& path, const std::string& content) const {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << content;
  }
  std::string Read(const std::string& path) const {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  std::vector<std::string> Names(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
    return names;
  }
  DatasetRecord Put(const std::string& content) {
    auto writer = test_.store->NewDataset("a.csv", {});
    ROICAST_CHECK(writer.ok() && (*writer)->Append(content).ok());
    const auto record = (*writer)->Finish();
    ROICAST_CHECK(record.ok());
    return *record;
  }
  std::string Store() const { return absl::StrCat("store \"", folder_.path(), "\": "); }

  TempFolder folder_;
  TestStore test_{folder_.path()};
  std::vector<std::string> warnings_;
};

TEST_F(Sweep, UnfinishedUploadsAreDeleted) {
  test_.store.reset();
  Write(Datasets(".roicast-upload-aB3def"), "half");
  test_.Open();
  EXPECT_THAT(Names(Datasets()), IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(Sweep, WhatTheStoreDidNotWriteStaysAsItIs) {
  test_.store.reset();
  const std::vector<std::string> foreign = {"customers.csv",
                                            "0123.csv",
                                            ".upload-notes",
                                            ".roicast-upload-mine.txt",
                                            absl::StrCat(Digest('A'), ".csv"),
                                            Digest('0') + "/x",
                                            "notes",
                                            absl::StrCat(Digest('a'), ".txt"),
                                            absl::StrCat(Digest('b'), ".csv/inside")};
  for (const std::string& name : foreign) Write(Datasets(name), "of somebody else: " + name);
  fs::create_directory_symlink("/", Datasets(Digest('c') + ".csv"));
  test_.Open();
  for (const std::string& name : foreign) EXPECT_EQ(Read(Datasets(name)), "of somebody else: " + name);
  EXPECT_TRUE(fs::is_symlink(Datasets(Digest('c') + ".csv")));
  EXPECT_FALSE(fs::exists(Datasets("orphaned")));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(Sweep, DatasetsThatTheDatabaseDoesNotKnowAreSetAsideAndNamed) {
  const DatasetRecord known = Put("a\n1\n");
  test_.store.reset();
  const std::string name = Digest('7') + ".csv";
  Write(Datasets(name), "unknown");
  test_.Open();
  EXPECT_THAT(Names(Datasets()), UnorderedElementsAre(known.digest + ".csv", "orphaned"));
  EXPECT_EQ(Read(Datasets("orphaned/" + name)), "unknown");
  EXPECT_THAT(warnings_,
              ElementsAre(absl::StrCat(Store(), "dataset files that the database does not know were moved to \"",
                                       Datasets("orphaned"), "\": ", name,
                                       "; delete them there, or put the database back that knows them")));
  EXPECT_TRUE(test_.store->VerifyDataset(known.digest).ok());
  // A second one of that name does not replace the first.
  test_.store.reset();
  Write(Datasets(name), "another");
  test_.Open();
  EXPECT_EQ(Read(Datasets("orphaned/" + name)), "unknown");
  EXPECT_EQ(Read(Datasets("orphaned/" + name + ".1")), "another");
}

TEST_F(Sweep, AnUploadThatAnOlderReleaseLeftIsSetAside) {
  test_.store.reset();
  Write(Datasets(".upload-abcdef"), "half");
  test_.Open();
  EXPECT_EQ(Read(Datasets("orphaned/.upload-abcdef")), "half");
}

TEST_F(Sweep, ALostDatabaseLosesNoDatasetAndWithItBackTheyAreThereAgain) {
  const DatasetRecord dataset = Put("a,b\n1,2\n");
  test_.store.reset();
  const std::string database = folder_.path() + "/roicast.db";
  fs::rename(database, database + ".kept");
  test_.Open();
  EXPECT_EQ(test_.store->GetDataset(dataset.digest).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Read(Datasets("orphaned/" + dataset.digest + ".csv")), "a,b\n1,2\n");
  test_.store.reset();
  fs::rename(database + ".kept", database);
  warnings_.clear();
  test_.Open();
  EXPECT_TRUE(test_.store->VerifyDataset(dataset.digest).ok());
  EXPECT_THAT(Names(Datasets("orphaned")), IsEmpty());
  EXPECT_THAT(warnings_,
              ElementsAre(absl::StrCat(Store(), "dataset files that the database knows again were moved back from \"",
                                       Datasets("orphaned"), "\": ", dataset.digest, ".csv")));
}

}  // namespace
}  // namespace roicast
