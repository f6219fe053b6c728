#include "server/services/training/dataset_upload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/training/dataset_reading.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMaxCell = size_t{1} << 20, kMaxRow = size_t{16} << 20;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class DatasetUploadTest : public ::testing::Test {
 protected:
  DatasetUploadTest() { test_.Open(); }

  // A column of one word, `rows` times.
  static void AddWords(std::string word, int rows, v1::UploadDatasetRequest& part) {
    v1::Column& column = *part.mutable_columns()->add_columns();
    column.set_name(absl::StrCat("c", part.columns().columns_size() - 1));
    column.mutable_categories()->add_dictionary(std::move(word));
    for (int row = 0; row < rows; ++row) column.mutable_categories()->add_codes(0);
  }
  static v1::UploadDatasetRequest Words(std::string word, int rows) {
    v1::UploadDatasetRequest part;
    AddWords(std::move(word), rows, part);
    return part;
  }
  std::unique_ptr<DatasetUpload> Begin() {
    auto upload = std::make_unique<DatasetUpload>(test_.store.get(), memory_, stop_);
    v1::UploadDatasetRequest header;
    header.mutable_header()->set_display_name("d");
    EXPECT_TRUE(upload->Add(header).ok());
    return upload;
  }
  absl::Status Add(const v1::UploadDatasetRequest& part) { return Begin()->Add(part); }
  // Whether what is uploaded is a table for those who read it.
  absl::Status Read(const v1::UploadDatasetRequest& part) {
    const auto upload = Begin();
    ROICAST_RETURN_IF_ERROR(upload->Add(part));
    ROICAST_ASSIGN_OR_RETURN(const DatasetRecord record, upload->Finish());
    return ReadDataset(record, TrainingSpec(), nullptr, MemoryBudget::Unlimited()).status();
  }
  // Of all datasets, finished or not.
  uint64_t StoredBytes() const {
    uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/datasets")) {
      bytes += file.file_size();
    }
    return bytes;
  }

  TempFolder folder_;
  TestStore test_{folder_.path()};
  MemoryBudget* memory_ = MemoryBudget::Unlimited();
  StopCheck stop_;
};

// They were stored, and no reader took them.
TEST_F(DatasetUploadTest, ACellIsAsLongAsReadersTakeIt) {
  EXPECT_EQ(Read(Words(std::string(kMaxCell, 'x'), 2)), absl::OkStatus());
  EXPECT_EQ(Add(Words(std::string(kMaxCell + 1, 'x'), 2)),
            absl::InvalidArgumentError("columns[0] \"c0\"[0]: expected a cell of at most 1048576 bytes, got 1048577"));
  // As it is written: quotes are doubled.
  EXPECT_EQ(Read(Words(std::string(kMaxCell / 2 - 1, '"'), 2)), absl::OkStatus());
  EXPECT_EQ(Add(Words(std::string(kMaxCell / 2, '"'), 2)),
            absl::InvalidArgumentError(
                "columns[0] \"c0\"[0]: expected a cell with its quotes of at most 1048576 bytes, got 1048578"));
  v1::UploadDatasetRequest name = Words("x", 1);
  name.mutable_columns()->mutable_columns(0)->set_name(std::string(kMaxCell + 1, 'x'));
  EXPECT_EQ(Add(name),
            absl::InvalidArgumentError("columns[0].name: expected a cell of at most 1048576 bytes, got 1048577"));
}

TEST_F(DatasetUploadTest, ARowIsAsLongAsReadersTakeIt) {
  // With fifteen delimiters it is a byte short of the limit.
  v1::UploadDatasetRequest part;
  for (int i = 0; i < 16; ++i) AddWords(std::string(kMaxCell - 1, 'x'), 1, part);
  EXPECT_EQ(Read(part), absl::OkStatus());
  v1::UploadDatasetRequest full = part;
  AddWords("", 1, full);
  EXPECT_EQ(Read(full), absl::OkStatus());
  AddWords("x", 1, part);
  EXPECT_EQ(Add(part), absl::InvalidArgumentError(absl::StrCat(
                           "columns[16] \"c16\"[0]: expected a row of at most 16777216 bytes, got ", kMaxRow + 1)));
}

TEST_F(DatasetUploadTest, ThereAreAsManyColumnsAsReadersTake) {
  v1::UploadDatasetRequest part;
  for (int i = 0; i < 10'000; ++i) AddWords("x", 1, part);
  EXPECT_EQ(Read(part), absl::OkStatus());
  AddWords("x", 1, part);
  EXPECT_EQ(Add(part), absl::InvalidArgumentError("columns: expected at most 10000 columns, got 10001"));
}

TEST_F(DatasetUploadTest, RowsOfSeveralPartsAreOneTable) {
  const auto upload = Begin();
  v1::UploadDatasetRequest part = Words("a \"b\"", 2);
  v1::Column& number = *part.mutable_columns()->add_columns();
  number.set_name("n");
  for (const double value : {1.5, 0.25}) number.mutable_doubles()->add_values(value);
  ASSERT_EQ(upload->Add(part), absl::OkStatus());
  ASSERT_EQ(upload->Add(part), absl::OkStatus());
  const auto record = upload->Finish();
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(ReadAll(record->path), absl::StrCat("c0,n\n", "\"a \"\"b\"\"\",1.5\n\"a \"\"b\"\"\",0.25\n",
                                                "\"a \"\"b\"\"\",1.5\n\"a \"\"b\"\"\",0.25\n"));
  v1::UploadDatasetRequest other = part;
  other.mutable_columns()->mutable_columns(1)->set_name("m");
  const auto next = Begin();
  ASSERT_EQ(next->Add(part), absl::OkStatus());
  EXPECT_EQ(next->Add(other),
            absl::InvalidArgumentError("columns[1] \"m\": expected the columns of the first part, in their order"));
  other.mutable_columns()->clear_columns();
  EXPECT_EQ(next->Add(other), absl::InvalidArgumentError("columns: expected at least one column, got none"));
}

// Rows were built and copied beside the budget.
TEST_F(DatasetUploadTest, RowsDrawFromTheBudgetBeforeTheyAreBuilt) {
  v1::UploadDatasetRequest part;
  for (int i = 0; i < 8; ++i) AddWords(std::string(kMaxCell, 'x'), 2, part);
  MemoryBudget small(8'000'000, 0), large(100'000'000, 0);
  memory_ = &small;
  const absl::Status refused = Add(part);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("memory for uploads: "));
  EXPECT_EQ(small.held(), 0u);
  memory_ = &large;
  {
    const auto upload = Begin();
    ASSERT_EQ(upload->Add(part), absl::OkStatus());
    // A row, and the same in the text.
    EXPECT_GE(large.TakePeak(), 2 * 8 * kMaxCell);
    // Until the next part, the names.
    EXPECT_LE(large.held(), 1000u);
    EXPECT_GE(large.held(), 8u * 2);
  }
  EXPECT_EQ(large.held(), 0u);
}

// The client had left, and all its rows were written still.
TEST_F(DatasetUploadTest, StopsInTheMidstOfAPart) {
  constexpr int kRows = 200'000;
  constexpr uint64_t kMostBetween = uint64_t{1} << 20;
  const v1::UploadDatasetRequest columns = Words("a word of twenty bytes", kRows);
  v1::UploadDatasetRequest csv;
  csv.set_csv(absl::StrCat("a\n", std::string(size_t{8} << 20, 'x')));
  for (const v1::UploadDatasetRequest& part : {columns, csv}) {
    int asked = 0;
    stop_ = [&]() -> absl::Status { return ++asked < 3 ? absl::OkStatus() : ClientDisconnected(); };
    const auto upload = Begin();
    EXPECT_EQ(upload->Add(part).code(), absl::StatusCode::kCancelled);
    EXPECT_EQ(asked, 3);
    EXPECT_LE(StoredBytes(), 3 * kMostBetween);
  }
  // A single row of many cells, too.
  int asked = 0;
  stop_ = [&]() -> absl::Status { return ++asked < 3 ? absl::OkStatus() : ClientDisconnected(); };
  v1::UploadDatasetRequest wide;
  for (int i = 0; i < 10'000; ++i) AddWords(std::string(100, 'x'), 1, wide);
  EXPECT_EQ(Add(wide).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace roicast
