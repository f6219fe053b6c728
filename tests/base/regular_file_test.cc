#include "base/regular_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

TEST(RegularFile, IsReadWhole) {
  const testing::TempDir folder;
  const std::string text(200000, 'x');
  std::ofstream(folder.File("a")) << text;
  EXPECT_EQ(*ReadRegularFile(folder.File("a"), 200000), text);
  EXPECT_EQ(ReadRegularFile(folder.File("a"), 199999).status(),
            absl::FailedPreconditionError("expected at most 199999 bytes, got more"));
  std::ofstream(folder.File("empty")) << "";
  EXPECT_EQ(*ReadRegularFile(folder.File("empty"), 0), "");
  // As orchestrators mount them.
  std::filesystem::create_symlink(folder.File("a"), folder.File("link"));
  EXPECT_EQ(ReadRegularFile(folder.File("link"), 200000)->size(), text.size());
}

// A pipe was waited for until somebody wrote, and /dev/zero read until the memory was full.
TEST(RegularFile, WhatIsNoneIsNeitherWaitedForNorRead) {
  const testing::TempDir folder;
  const absl::Status refused = absl::FailedPreconditionError("expected a regular file, which can be read again");
  ASSERT_EQ(::mkfifo(folder.File("pipe").c_str(), 0600), 0);
  EXPECT_EQ(ReadRegularFile(folder.File("pipe"), 100).status(), refused);
  std::filesystem::create_symlink("/dev/zero", folder.File("zero"));
  EXPECT_EQ(ReadRegularFile(folder.File("zero"), 100).status(), refused);
  EXPECT_EQ(ReadRegularFile("/", 100).status(), absl::FailedPreconditionError("Is a directory"));
  EXPECT_EQ(ReadRegularFile("/nowhere/a", 100).status(), absl::NotFoundError("No such file or directory"));
}

}  // namespace
}  // namespace roicast
