#include "model/network/training_rows.h"

#include <cmath>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Row by row: Eigen's allFinite of a whole row-major matrix goes down its columns, from one cache line to the next.
absl::StatusOr<bool> AllFinite(const RowMajorMatrix& x, const StopCheck& stop) {
  RareStopCheck rare(&stop, kNumbersBetweenStops);
  for (Eigen::Index row = 0; row < x.rows(); ++row) {
    ROICAST_RETURN_IF_ERROR(rare.Done(static_cast<size_t>(x.cols())));
    if (!x.row(row).allFinite()) return false;
  }
  return true;
}

absl::Status CheckSizes(const TrainingRows& rows, absl::string_view name, int inputs) {
  const auto invalid = [&](absl::string_view field, Eigen::Index expected, size_t got) {
    return absl::InvalidArgumentError(absl::StrCat(name, ".", field, ": expected ", expected, " values, got ", got));
  };
  if (rows.x->cols() != inputs) return invalid("x (columns)", inputs, static_cast<size_t>(rows.x->cols()));
  if (static_cast<Eigen::Index>(rows.y.size()) != rows.x->rows()) return invalid("y", rows.x->rows(), rows.y.size());
  if (!rows.weights.empty() && rows.weights.size() != rows.y.size()) {
    return invalid("weights", rows.x->rows(), rows.weights.size());
  }
  if (!rows.offsets.empty() && rows.offsets.size() != rows.y.size()) {
    return invalid("offsets", rows.x->rows(), rows.offsets.size());
  }
  return absl::OkStatus();
}

absl::Status CheckTargets(const TrainingRows& rows, absl::string_view name, Loss loss) {
  const auto invalid = [&](absl::string_view field, size_t row, absl::string_view expected, float got) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ".", field, "[", row, "]: expected ", expected, ", got ", got));
  };
  double total_weight = rows.weights.empty() ? 1.0 : 0.0;
  for (size_t i = 0; i < rows.y.size(); ++i) {
    if (!std::isfinite(rows.y[i])) return invalid("y", i, "a finite value", rows.y[i]);
    if (loss == Loss::kLogistic && !(rows.y[i] >= 0.0f && rows.y[i] <= 1.0f))
      return invalid("y", i, "0 to 1", rows.y[i]);
    if (!rows.offsets.empty() && !std::isfinite(rows.offsets[i])) {
      return invalid("offsets", i, "a finite value", rows.offsets[i]);
    }
    if (rows.weights.empty()) continue;
    if (!std::isfinite(rows.weights[i]) || rows.weights[i] < 0.0f) {
      return invalid("weights", i, "a finite value ≥ 0", rows.weights[i]);
    }
    total_weight += rows.weights[i];
  }
  if (!rows.y.empty() && total_weight <= 0.0) {
    return absl::InvalidArgumentError(absl::StrCat(name, ".weights: expected at least one > 0, got none"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const int> HiddenInputs(const TrainingRows& rows) {
  return rows.linear_input == nullptr ? absl::Span<const int>() : absl::MakeConstSpan(rows.linear_input->hidden);
}

absl::Status TrainingRows::Validate(absl::string_view name, int inputs, Loss loss, const StopCheck& stop) const {
  ROICAST_RETURN_IF_ERROR(CheckSizes(*this, name, inputs));
  ROICAST_ASSIGN_OR_RETURN(const bool finite, AllFinite(*x, stop));
  if (!finite) return absl::InvalidArgumentError(absl::StrCat(name, ".x: expected finite values"));
  ROICAST_RETURN_IF_ERROR(CheckTargets(*this, name, loss));
  for (const int input : HiddenInputs(*this)) {
    if (input >= 0 && input < inputs) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, ".linear_input: expected inputs from 0 to ", inputs - 1, ", got ", input));
  }
  return absl::OkStatus();
}

}  // namespace roicast
