// The columns of a table that the commands of roicast have written, and nobody has observed.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

struct ResultColumn {
  std::string name;
  // That wrote it: "score", "optimize", "plan", "rank", "explain" or "curve".
  absl::string_view command;
};

struct ResultColumns {
  // In the order of the table. Empty: the names show none.
  std::vector<ResultColumn> written;
  // The column of `written` in which `score` predicts: "roi", or another where others of `score` name it. Empty: none.
  std::string prediction;
  // A column "roi" that nothing beside it shows to be a prediction; it may as well be a person's own. Empty: none.
  std::string perhaps_prediction;
  // The column of `written` with the spends of a plan, which may have been spent since. Empty: none.
  std::string planned_spend;

  // nullptr: not written by a command.
  const ResultColumn* Find(absl::string_view name) const;
};

// By the exact names of base/result_columns.h, wherever they stand. Names that people use as well ("roi", "revenue",
// "period", "planned_spend") only beside others that the same command writes.
ResultColumns FindResultColumns(absl::Span<const std::string> names);

}  // namespace roicast
