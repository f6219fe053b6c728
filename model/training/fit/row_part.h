// Some rows of a prepared dataset, as a network learns from them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/features/preprocessor.h"
#include "model/features/target_transform.h"
#include "model/network/linear_input.h"
#include "model/network/trainer.h"
#include "model/training/preparation/prepared_data.h"

namespace roicast {

// Row-major; an entry per row.
struct RowPart {
  RowMajorMatrix raw;                                      // [n, features]
  RowMajorMatrix encoded;                                  // [n, inputs]
  std::vector<double> roi;                                 // [n]
  std::vector<float> standardised;                         // [n], FittedTarget::Standardise
  std::vector<float> weights;                              // [n], or empty: all 1
  std::optional<LinearInput> linear_input = std::nullopt;  // of the encoded inputs
  // [n], ≥ 0, or empty: rows are one if they have the same inputs. Of repeated exports: rows of one number are one.
  std::vector<int64_t> groups = {};

  // Refers to this. Of no rows: x is null.
  TrainingRows ForTrainer() const;
  // Per row, the number of the rows that are one with it, from 0 in the order of their first rows. Errors: those of
  // `stop`.
  absl::StatusOr<std::vector<int64_t>> EqualRows(const StopCheck& stop) const;
};

// Errors: those of `stop`.
absl::StatusOr<RowPart> MakeRowPart(const PreparedData& data, absl::Span<const int64_t> rows,
                                    const Preprocessor& preprocessor, const FittedTarget& target,
                                    const StopCheck& stop);

// Preprocessor::Encode. Errors: those of `stop`.
absl::StatusOr<RowMajorMatrix> EncodeRows(const Preprocessor& preprocessor, const RowMajorMatrix& raw,
                                          const StopCheck& stop);

// x(rows, all). Errors: those of `stop`.
absl::StatusOr<RowMajorMatrix> CopyRows(const RowMajorMatrix& x, absl::Span<const int64_t> rows, const StopCheck& stop);

// So many rows are encoded, or evaluated by a network one at a time, between two questions whether to stop.
inline constexpr size_t kRowsPerStopCheck = 1024;

}  // namespace roicast
