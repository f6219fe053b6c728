#include "tests/base/tables/dialect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/tables/table_reader.h"
#include "base/tables/table_writer.h"

namespace roicast {
namespace {

struct Reading {
  absl::Status status;
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> raw;
  FileForm form;
};

Reading Read(absl::string_view bytes, const FileOptions& options, size_t piece) {
  Reading reading;
  TableReader reader(options, {nullptr,
                               [&](const TableRow& row) {
                                 reading.rows.emplace_back(row.cells.begin(), row.cells.end());
                                 reading.raw.emplace_back(row.raw);
                                 return absl::OkStatus();
                               },
                               nullptr});
  while (!bytes.empty() && reading.status.ok()) {
    reading.status = reader.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (reading.status.ok()) reading.status = reader.Finish();
  reading.names = reader.header();
  reading.form = reader.form();
  return reading;
}

TEST(Dialects, AllOfThemGiveTheSameTable) {
  Random random(20);
  std::set<std::string> seen;
  for (int round = 0; round < 600; ++round) {
    const testing::PlainTable table = testing::RandomTable(random);
    const testing::DialectFile file = testing::WriteInRandomDialect(table, random);
    const Reading reading = Read(file.bytes, {}, 1 + random.Below(file.bytes.size()));
    ASSERT_TRUE(reading.status.ok()) << reading.status << "\n" << file.description;
    std::vector<std::string> names = table.names;
    for (std::string& name : names) std::replace(name.begin(), name.end(), '\n', ' ');
    ASSERT_EQ(reading.names, names) << round << ": " << file.description;
    ASSERT_EQ(reading.rows, table.rows) << round << ": " << file.description;
    ASSERT_EQ(reading.form.delimiter, file.form.delimiter) << file.description;
    ASSERT_EQ(reading.form.header_line, file.form.header_line) << file.description;
    ASSERT_EQ(reading.form.compression, file.form.compression);
    ASSERT_EQ(reading.form.byte_order_mark, file.form.byte_order_mark);
    ASSERT_EQ(reading.form.separator_line, file.form.separator_line);
    ASSERT_EQ(reading.form.trailing_delimiter, file.form.trailing_delimiter) << file.description;
    // Text without a character beyond ASCII is the same in both.
    if (reading.form.encoding != file.form.encoding) {
      ASSERT_EQ(file.form.encoding, Encoding::kWindows1252);
      ASSERT_EQ(reading.form.encoding, Encoding::kUtf8);
    }
    const Reading again = Read(file.bytes, FileOptions::From(reading.form), file.bytes.size());
    ASSERT_EQ(again.rows, table.rows) << file.description;
    ASSERT_EQ(again.form, reading.form) << file.description;
    seen.insert(file.description.substr(0, file.description.find('\n')));
  }
  EXPECT_GT(seen.size(), 100u);
}

// The rows as they stand, written in the form of their file, are read as the same rows.
TEST(Dialects, RawRowsAreWrittenBack) {
  Random random(21);
  for (int round = 0; round < 200; ++round) {
    const testing::PlainTable table = testing::RandomTable(random);
    const testing::DialectFile file = testing::WriteInRandomDialect(table, random);
    const Reading reading = Read(file.bytes, {}, file.bytes.size());
    std::string out;
    TableWriter writer(&out, reading.form);
    for (const std::string& name : reading.names) writer.Text(name);
    writer.Text("roi");
    writer.EndRow();
    for (const std::string& raw : reading.raw) {
      writer.Raw(raw);
      writer.Number(0.25);
      writer.EndRow();
    }
    EXPECT_EQ(writer.unencodable(), 0);
    const Reading written = Read(out, {}, out.size());
    ASSERT_EQ(written.rows.size(), table.rows.size()) << file.description;
    for (size_t i = 0; i < table.rows.size(); ++i) {
      std::vector<std::string> expected = table.rows[i];
      expected.push_back("0.25");
      ASSERT_EQ(written.rows[i], expected) << file.description;
    }
    ASSERT_EQ(written.form.encoding, reading.form.encoding);
    ASSERT_EQ(written.form.byte_order_mark, reading.form.byte_order_mark);
    ASSERT_EQ(written.form.delimiter, reading.form.delimiter);
  }
}

TEST(Dialects, EachCutGivesTheSameRows) {
  Random random(22);
  for (int round = 0; round < 12; ++round) {
    const testing::DialectFile file = testing::WriteInRandomDialect(testing::RandomTable(random), random);
    const Reading whole = Read(file.bytes, {}, file.bytes.size());
    for (size_t cut = 1; cut < file.bytes.size(); ++cut) {
      const Reading reading = Read(file.bytes, {}, cut);
      ASSERT_EQ(reading.rows, whole.rows) << cut << file.description;
      ASSERT_EQ(reading.raw, whole.raw);
      ASSERT_EQ(reading.form, whole.form);
    }
  }
}

}  // namespace
}  // namespace roicast
