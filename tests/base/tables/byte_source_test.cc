#include "base/tables/byte_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace roicast {
namespace {

std::string ReadAll(ByteSource& source, size_t piece) {
  std::string text;
  std::string buffer(piece, '\0');
  for (;;) {
    const absl::StatusOr<size_t> size = source.Read(buffer.data(), buffer.size());
    if (!size.ok() || *size == 0) return text;
    text.append(buffer, 0, *size);
  }
}

TEST(ByteSource, ATextIsReadInPiecesAndAgain) {
  TextSource source("some text");
  EXPECT_EQ(ReadAll(source, 4), "some text");
  EXPECT_EQ(ReadAll(source, 4), "");
  EXPECT_TRUE(source.Rewind().ok());
  EXPECT_EQ(ReadAll(source, 100), "some text");
}

TEST(ByteSource, AFileIsReadInPiecesAndAgain) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("byte_source_test_" + std::to_string(::getpid()))).string();
  std::ofstream(path) << "some text";
  {
    auto source = FileSource::Open(path);
    ASSERT_TRUE(source.ok()) << source.status();
    EXPECT_EQ(ReadAll(**source, 4), "some text");
    EXPECT_TRUE((*source)->Rewind().ok());
    EXPECT_EQ(ReadAll(**source, 100), "some text");
  }
  std::filesystem::remove(path);
}

TEST(ByteSource, AFileThatIsNotThereIsNamed) {
  const auto source = FileSource::Open("/nonexistent/table.csv");
  EXPECT_EQ(source.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(source.status().message(), "cannot open /nonexistent/table.csv: No such file or directory");
}

}  // namespace
}  // namespace roicast
