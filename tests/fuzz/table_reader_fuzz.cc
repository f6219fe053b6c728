// Any bytes are read without a crash, the same however they are cut, and again in the form that was found. The first
// byte chooses the options and the size of the pieces, the others are the file.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/tables/table_reader.h"
#include "base/tables/table_writer.h"
#include "base/utf8.h"

namespace roicast {
namespace {

struct Reading {
  absl::Status status;
  // Rows and what was left out, in order.
  std::string seen;
  std::vector<std::string> names;
  FileForm form;
  int64_t rows = 0;
};

Reading Read(absl::string_view bytes, const FileOptions& options, size_t piece) {
  Reading reading;
  TableReader reader(options, {[&](const FileForm&, const std::vector<std::string>& names) {
                                 reading.names = names;
                                 return absl::OkStatus();
                               },
                               [&](const TableRow& row) {
                                 ROICAST_CHECK(row.cells.size() == reading.names.size());
                                 ++reading.rows;
                                 absl::StrAppend(&reading.seen, row.line, ":", row.raw);
                                 for (const absl::string_view cell : row.cells) {
                                   ROICAST_CHECK(ValidUtf8Prefix(cell) == cell.size());
                                   absl::StrAppend(&reading.seen, "|", cell);
                                 }
                                 return absl::OkStatus();
                               },
                               [&](const LeftOutRow& row) {
                                 absl::StrAppend(&reading.seen, row.line, LeftOutName(row.reason), row.text,
                                                 row.message);
                               }});
  while (!bytes.empty() && reading.status.ok()) {
    reading.status = reader.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (reading.status.ok()) reading.status = reader.Finish();
  reading.form = reader.form();
  if (reading.status.ok()) reader.notes();
  return reading;
}

FileOptions OptionsOf(uint8_t choice) {
  FileOptions options;
  options.max_cell_bytes = 4096;
  options.max_columns = 200;
  constexpr char kDelimiters[] = {',', ';', '\t', ' '};
  if ((choice & 1) != 0) options.delimiter = kDelimiters[(choice >> 4) & 3];
  if ((choice & 2) != 0) options.has_header = false;
  if ((choice & 4) != 0) options.encoding = static_cast<Encoding>((choice >> 4) % 5);
  options.keep_totals = (choice & 8) != 0;
  return options;
}

void Check(uint8_t choice, absl::string_view bytes) {
  const FileOptions options = OptionsOf(choice);
  const Reading whole = Read(bytes, options, bytes.size() + 1);
  const Reading pieces = Read(bytes, options, 1 + choice % 13);
  ROICAST_CHECK(whole.status.code() == pieces.status.code());
  ROICAST_CHECK(whole.seen == pieces.seen);
  if (!whole.status.ok()) return;
  ROICAST_CHECK(whole.form == pieces.form);
  FileOptions again = FileOptions::From(whole.form);
  again.keep_totals = options.keep_totals;
  again.max_cell_bytes = options.max_cell_bytes;
  again.max_columns = options.max_columns;
  const Reading second = Read(bytes, again, bytes.size() + 1);
  ROICAST_CHECK(second.status.ok());
  ROICAST_CHECK(second.seen == whole.seen);
  ROICAST_CHECK(second.names == whole.names);
}

}  // namespace
}  // namespace roicast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  roicast::Check(data[0], absl::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
