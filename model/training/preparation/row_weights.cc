#include "model/training/preparation/row_weights.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace roicast {

absl::StatusOr<RowWeights> ReadRowWeights(const CsvTable& data, const std::string& column,
                                          absl::Span<const double> target) {
  const Column* found = data.table.Find(column);
  if (found == nullptr || found->kind != FeatureKind::kNumeric) {
    return absl::InvalidArgumentError(
        absl::StrCat("weight_column (--weight): expected a numeric column of the data, got \"", column, "\""));
  }
  RowWeights read;
  read.weights.assign(data.table.rows(), 0.0f);
  for (int64_t row = 0; row < data.table.rows(); ++row) {
    if (std::isnan(target[row])) continue;
    const double weight = found->numbers[row];
    if (std::isnan(weight)) {
      read.missing.push_back(row);
    } else if (weight < 0) {
      return absl::InvalidArgumentError(absl::StrCat("weight_column \"", column, "\", line ", data.LineOf(row),
                                                     ": expected at least 0, got ", weight));
    } else {
      read.weights[row] = static_cast<float>(weight);
    }
  }
  return read;
}

}  // namespace roicast
