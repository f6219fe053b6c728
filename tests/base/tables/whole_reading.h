// A table read in one go, as tests compare it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"
#include "base/tables/note.h"

namespace roicast::testing {

using Cells = std::vector<std::string>;

struct Reading {
  absl::Status status;
  FileForm form;
  Cells header;
  Cells raw_header;
  std::vector<Cells> rows;
  std::vector<int64_t> lines;
  Cells raw;
  // line[:column] reason text[: message]
  Cells left_out;
  std::vector<TableNote> notes;
  std::optional<FileOptions> better;
  int headers = 0;
};

// Fed in pieces of so many bytes.
Reading Read(absl::string_view bytes, const FileOptions& options = {}, size_t piece = std::string::npos);

// The notes, warnings with "!", flags behind.
Cells Notes(const Reading& reading);

FileOptions NoHeader();

}  // namespace roicast::testing
