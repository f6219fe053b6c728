#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "server/errors/errors.h"
#include "server/store/dataset_files.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class Datasets : public ::testing::Test {
 protected:
  absl::StatusOr<DatasetRecord> Put(const std::vector<std::string>& pieces, const DatasetFormat& format = {},
                                    const std::string& name = "a.csv") {
    auto writer = test_.store->NewDataset(name, format);
    EXPECT_TRUE(writer.ok()) << writer.status();
    for (const std::string& piece : pieces) {
      if (const absl::Status status = (*writer)->Append(piece); !status.ok()) return status;
    }
    return (*writer)->Finish();
  }
  size_t Files() const {
    size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/datasets"))
      ++files;
    return files;
  }

  TempFolder folder_;
  TestStore test_{folder_.path()};
  Store& store_ = test_.Open();
};

TEST_F(Datasets, PiecesBecomeOneFileNamedByItsDigest) {
  const auto dataset = Put({"a,b\n1", ",2\n", "3,4\n"});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(ReadAll(dataset->path), "a,b\n1,2\n3,4\n");
  EXPECT_EQ(dataset->path, absl::StrCat(folder_.path(), "/datasets/", dataset->digest, ".csv"));
  EXPECT_EQ(dataset->size_bytes, 12);
  EXPECT_EQ(dataset->display_name, "a.csv");
  EXPECT_EQ(dataset->create_time, kTestTime);
  EXPECT_EQ(dataset->digest, Sha256Hex(EncodeDatasetFormat({}) + "a,b\n1,2\n3,4\n"));
  EXPECT_TRUE(store_.VerifyDataset(dataset->digest).ok());
}

TEST_F(Datasets, TheSameContentIsTheSameDatasetWhereverItIsCut) {
  const auto first = Put({"a,b\n1,2\n"});
  test_.clock.Advance(absl::Hours(1));
  const auto second = Put({"a,b", "\n1,2\n"}, {}, "other.csv");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->digest, first->digest);
  EXPECT_EQ(second->display_name, "a.csv");
  EXPECT_EQ(second->create_time, kTestTime);
  EXPECT_EQ(Files(), 1u);
}

TEST_F(Datasets, TheFormatIsStoredAndPartOfTheDigest) {
  DatasetFormat format;
  format.delimiter = ';';
  format.no_header = true;
  format.missing_values = {"-", "a:b", ""};
  const auto plain = Put({"1;2\n"});
  const auto special = Put({"1;2\n"}, format);
  ASSERT_TRUE(special.ok()) << special.status();
  EXPECT_NE(plain->digest, special->digest);
  EXPECT_EQ(test_.Open().GetDataset(special->digest)->format, format);
}

TEST_F(Datasets, WhatIsSaidBesidesTheDelimiterIsPartOfTheFormat) {
  DatasetFormat format;
  format.more = std::string("opaque\0bytes", 12);
  const auto special = Put({"1;2\n"}, format);
  ASSERT_TRUE(special.ok()) << special.status();
  EXPECT_NE(special->digest, Put({"1;2\n"})->digest);
  EXPECT_EQ(test_.Open().GetDataset(special->digest)->format, format);
}

// Digests of datasets that are stored already must not change.
TEST_F(Datasets, AFormatWithADelimiterAloneKeepsItsBytes) {
  DatasetFormat format;
  format.delimiter = ',';
  EXPECT_EQ(EncodeDatasetFormat(format), "roicast dataset 1\n1:,1:01:0");
}

TEST_F(Datasets, TheFirstReadingIsKept) {
  const auto dataset = Put({"a,b\n1,2\n"});
  EXPECT_EQ(dataset->reading, "");
  EXPECT_EQ(*store_.RecordReading(dataset->digest, "first"), "first");
  EXPECT_EQ(*store_.RecordReading(dataset->digest, "second"), "first");
  EXPECT_EQ(store_.RecordReading(std::string(64, '0'), "x").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(test_.Open().GetDataset(dataset->digest)->reading, "first");
}

TEST_F(Datasets, TheSizeLimitIsNamedAndNothingStays) {
  test_.options.max_dataset_bytes = 8;
  test_.Open();
  EXPECT_TRUE(Put({"12345678"}).ok());
  EXPECT_EQ(Put({"12345", "6789"}).status(), RequestTooLarge("dataset bytes", 8, 9));
  EXPECT_EQ(Files(), 1u);
}

TEST_F(Datasets, AnEmptyOrUnfinishedUploadLeavesNothing) {
  EXPECT_EQ(Put({}).status(), absl::InvalidArgumentError("dataset: expected some bytes, got none"));
  {
    auto writer = store_.NewDataset("a.csv", {});
    ASSERT_TRUE((*writer)->Append("abc").ok());
    EXPECT_EQ(Files(), 1u);
  }
  EXPECT_EQ(Files(), 0u);
}

TEST_F(Datasets, AMissingShortOrChangedFileIsDataLoss) {
  const auto dataset = Put({"a,b\n1,2\n"});
  const std::string prefix = absl::StrCat("dataset ", dataset->digest, ": ");
  std::ofstream(dataset->path) << "a,b\n1,3\n";
  EXPECT_THAT(std::string(store_.VerifyDataset(dataset->digest).message()),
              HasSubstr(prefix + "the content of its file has digest "));
  std::ofstream(dataset->path) << "a,b\n";
  EXPECT_EQ(store_.GetDataset(dataset->digest).status(),
            absl::DataLossError(prefix + "expected 8 bytes, its file has 4"));
  std::filesystem::remove(dataset->path);
  EXPECT_EQ(store_.GetDataset(dataset->digest).status(), absl::DataLossError(prefix + "its file is gone"));
  // Uploading it again mends it.
  ASSERT_TRUE(Put({"a,b\n1,2\n"}).ok());
  EXPECT_TRUE(store_.VerifyDataset(dataset->digest).ok());
}

TEST_F(Datasets, AnUnknownDigestIsNotFound) { EXPECT_EQ(store_.GetDataset("0123").status(), DatasetNotFound("0123")); }

TEST_F(Datasets, ADamagedFileOfTheSameSizeIsMendedByUploadingItAgain) {
  const auto dataset = Put({"a,b\n1,2\n"});
  std::ofstream(dataset->path) << "a,b\n1,3\n";
  ASSERT_EQ(store_.VerifyDataset(dataset->digest).code(), absl::StatusCode::kDataLoss);
  const auto again = Put({"a,b\n1,2\n"}, {}, "other.csv");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->digest, dataset->digest);
  EXPECT_EQ(again->display_name, "a.csv");
  EXPECT_EQ(ReadAll(dataset->path), "a,b\n1,2\n");
  EXPECT_TRUE(store_.VerifyDataset(dataset->digest).ok());
}

}  // namespace
}  // namespace roicast
