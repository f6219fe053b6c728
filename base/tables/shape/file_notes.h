// Says how a file was read, where a person may want to know or to change it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/tables/file_form.h"
#include "base/tables/note.h"
#include "base/tables/shape/row_filter.h"
#include "base/tables/shape/table_shape.h"

namespace roicast {

struct FileFindings {
  const FileOptions& options;
  const FileForm& form;
  const TableShape& shape;
  const RowFilter& filter;
  // Characters that were damaged.
  int64_t damaged;
};

// Warnings and information, in the order of the file.
std::vector<TableNote> FileNotes(const FileFindings& findings);

}  // namespace roicast
