// How large a row's error is, from the units of the last hidden layer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/network/mlp.h"

namespace roicast {

// ln σ = weights · units + bias.
struct ScaleHead {
  Eigen::VectorXd weights;
  double bias = 0.0;

  double Evaluate(const float* units) const;
  DenseLayer ToLayer() const;
};

// The head of the greatest likelihood if |error| / σ is exponentially distributed, as errors of a Laplace distribution
// are, with the penalty λ n / 2 · Σ weights² of standardised units: Fisher scoring (McCullagh and Nelder, "Generalized
// Linear Models", 1989, 2.5; a gamma regression with a logarithmic link). units [n, u], n ≥ 1, u ≥ 1; errors [n].
ScaleHead FitScaleHead(const RowMajorMatrix& units, absl::Span<const double> errors, double penalty);

struct AdaptiveScale {
  std::vector<double> log_scale;  // per row, of a head that was fitted to the other parts
  ScaleHead head;                 // fitted to all rows
};

inline constexpr int kScaleFolds = 5;
// The units are those of a network that has learnt from the rows. With fewer rows than this for each unit they know of
// their errors, and intervals are too narrow for new rows.
inline constexpr int kFewestRowsPerUnit = 20;

// Chooses the penalty by the likelihood of rows that a head was not fitted to. fold_of [n]: the part of a row, from 0
// to kScaleFolds − 1. nullopt: no head is worth having, because with it the 90 % intervals of rows that it was not
// fitted to are not narrower, on average by 2 % at least, than those of one width; or there are fewer than
// kFewestRowsPerUnit rows a unit. Uses at most 8,000 evenly spaced
// rows of each part together. Errors: those of `stop`.
absl::StatusOr<std::optional<AdaptiveScale>> FitAdaptiveScale(const RowMajorMatrix& units,
                                                              absl::Span<const double> errors,
                                                              absl::Span<const int> fold_of,
                                                              const StopCheck& stop = nullptr);

// The outputs of the last hidden layer: encoded [n, inputs] → [n, units]. At least two layers.
RowMajorMatrix LastHiddenUnits(const Mlp& mlp, const RowMajorMatrix& encoded);

}  // namespace roicast
