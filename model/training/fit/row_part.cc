#include "model/training/fit/row_part.h"

#include "base/status_macros.h"
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

absl::StatusOr<std::vector<int64_t>> RowPart::EqualRows(const StopCheck& stop) const {
  if (!groups.empty()) return NumberGroups(groups);
  return GroupEqualRows(absl::MakeConstSpan(raw.data(), raw.size()), raw.cols(), stop);
}

absl::StatusOr<RowPart> MakeRowPart(const PreparedData& data, absl::Span<const int64_t> rows,
                                    const Preprocessor& preprocessor, const FittedTarget& target,
                                    const StopCheck& stop) {
  RowPart part;
  ROICAST_ASSIGN_OR_RETURN(part.raw, ToRawRows(data.features, rows, preprocessor.schema(), stop));
  ROICAST_ASSIGN_OR_RETURN(part.encoded, EncodeRows(preprocessor, part.raw, stop));
  part.roi = data.RoiOf(rows);
  part.weights = data.WeightsOf(rows);
  if (data.exports.has_value()) {
    for (const int64_t row : rows) part.groups.push_back(data.exports->first[static_cast<size_t>(row)]);
  }
  part.standardised.reserve(part.roi.size());
  for (const double roi : part.roi) part.standardised.push_back(static_cast<float>(target.Standardise(roi)));
  return part;
}

absl::StatusOr<RowMajorMatrix> EncodeRows(const Preprocessor& preprocessor, const RowMajorMatrix& raw,
                                          const StopCheck& stop) {
  RowMajorMatrix encoded(raw.rows(), preprocessor.encoded_size());
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (Eigen::Index row = 0; row < raw.rows(); ++row) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    preprocessor.EncodeRow(raw.row(row).data(), encoded.row(row).data());
  }
  return encoded;
}

absl::StatusOr<RowMajorMatrix> CopyRows(const RowMajorMatrix& x, absl::Span<const int64_t> rows,
                                        const StopCheck& stop) {
  RowMajorMatrix copied(static_cast<Eigen::Index>(rows.size()), x.cols());
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (size_t i = 0; i < rows.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    copied.row(static_cast<Eigen::Index>(i)) = x.row(rows[i]);
  }
  return copied;
}

}  // namespace roicast
