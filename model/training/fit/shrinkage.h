// How far the predictions of a network that has learnt its training rows by heart are moved towards the mean.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/data/data_warning.h"
#include "model/network/mlp.h"

namespace roicast {

// The factor λ in [0, 1] by which predictions are multiplied; 1: they stay. truth, predicted: of rows that the network
// was not trained on, standardised, so that 0 is the training rows' mean. weights: empty, or one per row.
// The slope of truth on predicted through 0 (Copas, "Regression, Prediction and Shrinkage", 1983) is l with standard
// error s. λ = 1 unless l + 2s < 0.9: what a network that generalises gives by chance changes nothing. Otherwise λ is
// the positive part of l − s²/l (James and Stein, 1961), which is 0 for a slope that may well be noise. Fewer than 20
// rows show nothing.
double LearnShrinkage(absl::Span<const double> truth, absl::Span<const double> predicted,
                      absl::Span<const float> weights);

// The same without rows to validate with: 1 − p / χ², where χ² = n R² / (1 − R²) on the n training rows and p is the
// number of the network's inputs with the constant (van Houwelingen and le Cessie, "Predictive Value of Statistical
// Models", 1990). It takes the network for a linear one, and so is right for small ones only. 1 if it would be at least
// 0.9, for fewer than 200 rows, and for R² ≤ 0, where training has hardly begun.
double GuessShrinkage(absl::Span<const double> truth, absl::Span<const double> predicted, int64_t rows, int inputs);

// Multiplies the network's output. The last layer is linear.
void ScaleOutput(double factor, Mlp& mlp);

// Says what was done; factor < 1. validated: by that many validation rows; else guessed from training rows.
DataWarning ShrinkageWarning(double factor, int64_t rows, bool validated);

}  // namespace roicast
