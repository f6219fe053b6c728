// What a student learns: a teacher's predictions of the table's rows and of mixtures of them.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/data/schema.h"
#include "model/features/preprocessor.h"
#include "model/network/trainer.h"
#include "model/training/fit/model_fit.h"
#include "model/training/fit/row_part.h"
#include "model/training/training_spec.h"

namespace roicast {

// New rows between those of `raw` [n, features], n ≥ 1: each feature comes from one of two random rows, a number with
// an even chance from somewhere between the two. Four times n, at least 20,000, at most 200,000. Deterministic.
RowMajorMatrix MixRows(const RowMajorMatrix& raw, const Schema& schema, uint64_t seed);

// Of the training rows and of MixRows, on the scale of the network's output, clipped to the range of the training
// targets (of a two-valued target: log odds within ± 6). NaN for rows that serving refuses.
struct Teaching {
  RowMajorMatrix mixed;
  std::vector<double> of_train, of_mixed;
};
absl::StatusOr<Teaching> Teach(const TrainingSpec& spec, const ModelFit& teacher, const StopCheck& stop);

struct Lessons {
  RowMajorMatrix encoded;
  std::vector<float> targets, weights;

  // Refers to this.
  TrainingRows ForTrainer() const;
};
// Of some training rows, ≥ 1, and of the mixed ones; each kind has half of the weight.
Lessons MakeLessons(const RowPart& train, const Teaching& teaching, absl::Span<const Eigen::Index> learnt,
                    const Preprocessor& preprocessor);

}  // namespace roicast
