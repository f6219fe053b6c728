// Numbers that went along with the spend in the past, such as clicks and impressions: a row with another spend and the
// same clicks is no campaign that a model has seen, so questions of another spend move them along.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "model/data/schema.h"

namespace roicast {

inline constexpr int kMostMovingFeatures = 64;

// ln of the value = level + elasticity · ln of the spend, and what is the row's own.
struct SpendCompanion {
  int feature = -1;         // numeric, and not the spend; index in the schema
  double elasticity = 0.0;  // least squares within categories; from −kMostElasticity to kMostElasticity
  double level = 0.0;       // from −kMostLevel to kMostLevel

  static constexpr double kMostElasticity = 10.0, kMostLevel = 500.0;

  friend bool operator==(const SpendCompanion&, const SpendCompanion&) = default;
};

// Straight lines of logarithms, all fitted to the same rows, keep every product: where spend = clicks · cost per click
// in each row, it still is after both have moved.
struct MovesWithSpend {
  int spend = -1;                        // the numeric feature that holds it
  std::vector<SpendCompanion> features;  // ascending; at most kMostMovingFeatures; empty: none moves

  bool empty() const { return features.empty(); }
  bool Moves(int feature) const;

  // row [schema size], raw: gets another spend, and what moves with it. A value x becomes x · (to / from)^elasticity,
  // as float32, within the range that the feature allows: at the row's own spend nothing changes. A value that is
  // missing, or whose row has no spend above 0, becomes what usually goes with the spend, e^level · to^elasticity. A
  // `to` that is not above 0 moves nothing.
  void SetSpend(const Schema& schema, float to, float* row) const;

  // For a schema with some of the features; empty if the spend is not among them.
  MovesWithSpend For(const Schema& own, const Schema& other) const;

  // Errors: InvalidArgument naming the field.
  absl::Status Validate(const Schema& schema) const;
};

}  // namespace roicast
