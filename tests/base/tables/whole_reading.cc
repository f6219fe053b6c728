#include "tests/base/tables/whole_reading.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tables/table_reader.h"

namespace roicast::testing {

Reading Read(absl::string_view bytes, const FileOptions& options, size_t piece) {
  Reading reading;
  TableReader reader(
      options, {[&](const FileForm&, const std::vector<std::string>& names) {
                  ++reading.headers;
                  reading.header = names;
                  return absl::OkStatus();
                },
                [&](const TableRow& row) {
                  EXPECT_EQ(row.cells.size(), reading.header.size());
                  reading.rows.emplace_back(row.cells.begin(), row.cells.end());
                  reading.lines.push_back(row.line);
                  reading.raw.emplace_back(row.raw);
                  return absl::OkStatus();
                },
                [&](const LeftOutRow& row) {
                  if (row.reason == LeftOut::kBlank) return;
                  reading.left_out.push_back(absl::StrCat(row.line, row.column > 0 ? absl::StrCat(":", row.column) : "",
                                                          " ", LeftOutName(row.reason), " ", row.text,
                                                          row.message.empty() ? "" : ": ", row.message));
                }});
  while (!bytes.empty() && reading.status.ok()) {
    reading.status = reader.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (reading.status.ok()) reading.status = reader.Finish();
  reading.form = reader.form();
  reading.raw_header = reader.raw_header();
  reading.notes = reader.notes();
  reading.better = reader.better();
  return reading;
}

Cells Notes(const Reading& reading) {
  Cells notes;
  for (const TableNote& note : reading.notes) {
    notes.push_back(absl::StrCat(note.warning ? "! " : "", absl::StrJoin(note.lines, ","),
                                 note.lines.empty() ? "" : ": ", note.message, note.flags.empty() ? "" : " | ",
                                 absl::StrJoin(note.flags, " | ")));
  }
  return notes;
}

FileOptions NoHeader() {
  FileOptions options;
  options.has_header = false;
  return options;
}

}  // namespace roicast::testing
