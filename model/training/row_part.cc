#include "model/training/row_part.h"

#include "model/evaluation/equal_rows.h"

namespace roicast {

TrainingRows RowPart::ForTrainer() const {
  TrainingRows rows;
  if (!roi.empty()) rows.x = &encoded;
  rows.y = standardised;
  rows.weights = weights;
  if (linear_input.has_value()) rows.linear_input = &*linear_input;
  return rows;
}

std::vector<int64_t> RowPart::EqualRows() const {
  return GroupEqualRows(absl::MakeConstSpan(raw.data(), raw.size()), raw.cols());
}

RowPart MakeRowPart(const PreparedData& data, absl::Span<const int64_t> rows, const Preprocessor& preprocessor,
                    const FittedTarget& target) {
  RowPart part;
  part.raw = ToRawRows(data.features.Select(rows), preprocessor.schema());
  part.encoded = preprocessor.Encode(part.raw);
  part.roi = data.RoiOf(rows);
  part.weights = data.WeightsOf(rows);
  part.standardised.reserve(part.roi.size());
  for (const double roi : part.roi) part.standardised.push_back(static_cast<float>(target.Standardise(roi)));
  return part;
}

}  // namespace roicast
