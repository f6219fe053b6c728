#include "client/cli/table_header.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/csv/csv_reader.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace roicast::client {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 16;

char FrequentDelimiter(absl::string_view text) {
  const absl::string_view line = text.substr(0, text.find('\n'));
  char frequent = ',';
  for (const char delimiter : {',', ';', '\t', '|'}) {
    if (std::count(line.begin(), line.end(), delimiter) > std::count(line.begin(), line.end(), frequent)) {
      frequent = delimiter;
    }
  }
  return frequent;
}

}  // namespace

absl::StatusOr<ColumnNames> ReadTableHeader(InputFile& file, const FileOptions& options,
                                            const std::atomic<bool>& stop) {
  std::string head(kChunkBytes, '\0');
  size_t size = 0;
  while (size < head.size()) {
    ROICAST_ASSIGN_OR_RETURN(const size_t got, file.Read(head.data() + size, head.size() - size, stop));
    if (got == 0) break;
    size += got;
    if (absl::StrContains(absl::string_view(head.data(), size), '\n')) break;
  }
  head.resize(size);
  const bool text = !absl::StrContains(head, '\0') && ValidUtf8Prefix(head) + 4 > head.size();
  CsvReaderOptions reader_options;
  reader_options.delimiter = options.delimiter.value_or(FrequentDelimiter(head));
  reader_options.has_header = options.has_header.value_or(true);
  CsvReader reader(reader_options, [](const CsvRow&) { return absl::OkStatus(); });
  const bool plain = text && !options.encoding && !options.header_line;
  const bool read = plain && reader.Feed(head).ok() && reader.header().size() > 1;
  file.PutBack(std::move(head));
  return read ? ColumnNames(reader.header()) : ColumnNames();
}

}  // namespace roicast::client
