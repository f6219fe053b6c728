#include "client/cli/table_header.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "base/tables/table_reader.h"

namespace roicast::client {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 16;

// Reads chunk after chunk into `head` until the header is there. ABORTED: `better` says how to read them instead.
absl::StatusOr<std::vector<std::string>> HeaderOf(InputFile& file, const FileOptions& options,
                                                  const std::atomic<bool>& stop, std::string* head,
                                                  std::optional<FileOptions>* better) {
  bool found = false;
  std::vector<std::string> names;
  TableReader::Events events;
  // The rest of the file is not read here.
  events.on_header = [&](const FileForm&, const std::vector<std::string>& header) {
    found = true;
    names = header;
    return absl::CancelledError("the header is all that is needed");
  };
  TableReader reader(options, std::move(events));
  absl::Status status = reader.Feed(*head);
  for (bool ended = false; status.ok() && !found && !ended;) {
    const size_t had = head->size();
    head->resize(had + kChunkBytes);
    const absl::StatusOr<size_t> got = file.Read(head->data() + had, kChunkBytes, stop);
    head->resize(had + got.value_or(0));
    ROICAST_RETURN_IF_ERROR(got.status());
    ended = *got == 0;
    status = ended ? reader.Finish() : reader.Feed(absl::string_view(*head).substr(had));
  }
  *better = reader.better();
  if (found) return names;
  ROICAST_RETURN_IF_ERROR(status);
  return reader.header();
}

}  // namespace

absl::StatusOr<ColumnNames> ReadTableHeader(InputFile& file, const FileOptions& options,
                                            const std::atomic<bool>& stop) {
  std::string head;
  std::optional<FileOptions> better;
  absl::StatusOr<std::vector<std::string>> names = HeaderOf(file, options, stop, &head, &better);
  if (absl::IsAborted(names.status()) && better) {
    const FileOptions again = *better;
    names = HeaderOf(file, again, stop, &head, &better);
  }
  file.PutBack(std::move(head));
  if (absl::IsInvalidArgument(names.status())) {
    return absl::InvalidArgumentError(absl::StrCat(file.name(), ": ", names.status().message()));
  }
  ROICAST_RETURN_IF_ERROR(names.status());
  return ColumnNames(*std::move(names));
}

}  // namespace roicast::client
