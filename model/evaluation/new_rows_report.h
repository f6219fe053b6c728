// How a model did on rows that it had not learnt from, row by row and feature by feature.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "model/evaluation/learnt_shapes.h"

namespace roicast {

struct NewRowsImportance {
  std::string feature;
  // By how much the error rises when the feature's values are shuffled among the rows, and its 90 % interval; in the
  // target's own unit, or of a two-valued target in nats.
  double importance = 0, low = 0, high = 0;
  // Error after shuffling over error before; NaN: there was no error before.
  double ratio = std::numeric_limits<double>::quiet_NaN();
};

struct NewRowsReport {
  int64_t rows = 0;  // rows with a prediction
  // Of up to kMostNewRows of them, evenly spread; the same length. Without their inputs, which stay with the dataset.
  std::vector<double> predicted, actual;
  // In schema order; empty: not measured.
  std::vector<NewRowsImportance> importance;
  // What the model has learnt, as those rows show it: the most important features first, the strongest pairs first.
  // Empty: too few rows, or not measured.
  std::vector<DependenceShape> dependence;
  std::vector<InteractionStrength> interactions;
  TreeRules tree;
};

inline constexpr int64_t kMostNewRows = 500;

}  // namespace roicast
