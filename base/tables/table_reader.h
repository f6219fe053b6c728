// Reads a table as people have it, while it streams: any of the encodings, delimiters and line ends of FileForm,
// compressed or not, with titles above the header, rows of totals and a footer.
//
// How the file is written is decided from its first 256 KiB (more if these have fewer than five lines), unless
// FileOptions say it. The same bytes give the same rows however they are cut. Memory is bounded by these first bytes
// and the largest row.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"
#include "base/tables/file_form.h"
#include "base/tables/note.h"
#include "base/tables/table_row.h"

namespace roicast {

// Not thread-safe. After an error, every further call returns the same error.
class TableReader {
 public:
  // Each is optional. An error from one stops reading and is returned from Feed or Finish.
  struct Events {
    // Once, before the first row. The encoding of the form may still change from UTF-8 to Windows-1252, and from there
    // to Latin-1, at the first byte that shows it; all text before it would have been the same.
    std::function<absl::Status(const FileForm& form, const std::vector<std::string>& names)> on_header;
    // In the order of the file, but for rows above the table that look like totals and turn out not to be: these come
    // last.
    std::function<absl::Status(const TableRow& row)> on_row;
    std::function<void(const LeftOutRow& row)> on_left_out;
  };

  // The first call reports invalid options. memory: what windows of compression and long rows draw from
  // (MemoryUse::kTables); outlives this.
  TableReader(const FileOptions& options, Events events, MemoryBudget* memory = MemoryBudget::Unlimited());
  ~TableReader();
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  // The next bytes of the file, cut anywhere.
  // Errors: INVALID_ARGUMENT with line and column for what is no table, a damaged archive or an exceeded limit; ABORTED
  // if the bytes contradict what the first ones showed: better() says how to read the file instead; RESOURCE_EXHAUSTED
  // of the budget.
  absl::Status Feed(absl::string_view bytes);
  // Ends the file. Errors: those of Feed; INVALID_ARGUMENT for an archive or a quote that is not complete, or no
  // header.
  absl::Status Finish();
  // Instead of Finish, if the bytes so far are only the beginning of the file: what is incomplete is left out.
  absl::Status FinishSample();

  // Complete after Finish.
  const FileForm& form() const;
  // All different: "Clicks", "Clicks (2)"; without blanks and line ends around them. Empty until the header has been
  // read.
  const std::vector<std::string>& header() const;
  // As they stand in the file.
  const std::vector<std::string>& raw_header() const;
  const std::optional<FileOptions>& better() const;
  // Rows given to on_row.
  int64_t rows() const;
  // What was left out, in the order in which it first occurred.
  const std::vector<LeftOutCount>& left_out() const;
  // What a person should know about how the file was read, with the flags that change it.
  std::vector<TableNote> notes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace roicast
