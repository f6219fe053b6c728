#include "model/training/preparation/export_findings.h"

#include "absl/strings/str_cat.h"

namespace roicast {

DataWarning RepeatedExportsWarning(const RepeatedExports& exports, int64_t rows, bool apart) {
  DataWarning warning;
  warning.serious = true;
  warning.column = exports.column;
  warning.message = absl::StrCat(
      "the same rows up to ", exports.values, " times, as in exports of several days one under the other: ", rows,
      " rows are ", exports.distinct, ", told apart by \"", exports.column,
      "\" alone, with the same spend in all. They are on ",
      apart ? "one side of the split, but" : "both sides of the split, so that the metrics flatter the model, and",
      " the model takes them for as many campaigns, and earlier states of a row for results of their own. Keep the "
      "last export");
  return warning;
}

}  // namespace roicast
