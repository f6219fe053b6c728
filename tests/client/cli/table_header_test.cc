#include "client/cli/table_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "client/cli/file_error.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using ::testing::HasSubstr;

struct Header {
  absl::Status status;
  // All columns, as an error lists them.
  std::string columns;
  // What the file gives afterwards.
  std::string text;
};

Header HeaderOf(const std::string& text, const FileOptions& options = {}) {
  const testing::TempDir dir;
  std::ofstream(dir.File("a.csv")) << text;
  const auto file = InputFile::Open(dir.File("a.csv"));
  const std::atomic<bool> never{false};
  const absl::StatusOr<ColumnNames> names = ReadTableHeader(**file, options, never);
  Header header;
  header.status = names.status();
  if (names.ok()) header.columns = HintOf(names->Check("--x", "no such column"));
  InputStream stream(**file, never);
  header.text.assign(std::istreambuf_iterator<char>(stream), {});
  return header;
}

TEST(TableHeader, IsFoundInAnyForm) {
  EXPECT_EQ(HeaderOf("a,b\n1,2\n").columns, "the columns are a, b");
  EXPECT_EQ(HeaderOf("Umsatz;\"Kosten, netto\"\n1,5;2\n2,5;3\n").columns, "the columns are Umsatz, \"Kosten, netto\"");
  EXPECT_EQ(HeaderOf("\xEF\xBB\xBF"
                     "a\tb\n1\t2\n")
                .columns,
            "the columns are a, b");
  EXPECT_EQ(HeaderOf("Clicks,Clicks\n1,2\n3,4\n").columns, "the columns are Clicks, Clicks (2)");
  FileOptions none;
  none.has_header = false;
  EXPECT_EQ(HeaderOf("1,2\n3,4\n", none).columns, "the columns are c0, c1");
  FileOptions third;
  third.header_line = 3;
  EXPECT_EQ(HeaderOf("x,y\n\na,b\n3,4\n", third).columns, "the columns are a, b");
}

TEST(TableHeader, LeavesTheFileAsItWas) {
  std::string text = "a,b\n";
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + ",x\n";
  const Header header = HeaderOf(text);
  EXPECT_EQ(header.columns, "the columns are a, b");
  EXPECT_TRUE(header.text == text);
  const std::string other = "Prix;Dépense\n1;2\n";
  EXPECT_EQ(HeaderOf(other).text, other);
}

TEST(TableHeader, AFileWithoutOneIsAnError) {
  const Header empty = HeaderOf("");
  EXPECT_TRUE(absl::IsInvalidArgument(empty.status));
  EXPECT_EQ(empty.text, "");
}

}  // namespace
}  // namespace roicast::client
