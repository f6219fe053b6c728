// What is needed to say how far a prediction may be off: the errors of rows that were not learnt from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/data/target_kind.h"
#include "model/network/mlp.h"

namespace roicast {

inline constexpr int kMaxStoredScores = 1024;
inline constexpr int kMaxCalibrationBins = 1024;
inline constexpr int kMaxShapes = 16;

// Rows that share a calibration: all of them, or those of one category.
struct CalibrationGroup {
  int32_t code = -1;  // in the vocabulary of Calibration::group_feature; −1: all rows
  int64_t rows = 0;   // that the scores came from
  // Ascending: (truth − prediction) / scale in standard deviations of the transformed target. All of them, or
  // kMaxStoredScores evenly spaced by rank, from the lowest to the highest.
  std::vector<float> scores;
  float location = 0.0f;  // of Calibration::shapes: the median of the rows' predictions, transformed scale
};

// Calibration rows of a two-valued target with a similar prediction.
struct CalibrationBin {
  float up_to = 0.0f;  // the highest prediction in it
  int64_t rows = 0;
  int64_t positives = 0;
};

struct Calibration {
  // ln of the scale of a row's error, from the units of the last hidden layer; one output. nullopt: 0 for all rows.
  std::optional<DenseLayer> log_scale;
  std::vector<CalibrationGroup> groups;  // the first is of all rows, the others by ascending code
  std::string group_feature;             // whose categories have groups of their own; empty: none
  std::vector<CalibrationBin> bins;      // of a two-valued target, ascending; then there are no groups
  // Rows with similar predictions, ascending by location; see score_shapes.h. Empty: all rows have the groups' scores.
  // None beside a group_feature.
  std::vector<CalibrationGroup> shapes;
  // Zero-heavy, or with shapes: the scores are the probabilities that were predicted of a value below the truth, in
  // [0, 1], of rows that were not learnt from; see two_part_scores.h. Groups and shapes of a zero-heavy target are of
  // the rows with another value than `rest` alone.
  std::optional<CalibrationGroup> levels;

  // hidden_units: of the last hidden layer; 0 without one. Errors: InvalidArgument naming the field.
  absl::Status Validate(int64_t hidden_units, TargetKind kind) const;
};

}  // namespace roicast
