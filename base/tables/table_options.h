// What a person says about a table.
#pragma once

#include <vector>

#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "base/tables/column_form.h"
#include "base/tables/file_form.h"
#include "base/tables/missing_spellings.h"

namespace roicast {

// What is unset is detected.
struct TableOptions {
  FileOptions file;
  std::vector<ColumnOptions> columns;
  MissingSpellings missing;
  // Asked while rows are read, and while the columns are decided.
  StopCheck stop;
  // What reading draws from (MemoryUse::kTables), and gives back at its end.
  MemoryBudget* memory = MemoryBudget::Unlimited();
};

}  // namespace roicast
