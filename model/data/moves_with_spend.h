// Numbers that went along with the spend in the past, such as clicks and impressions: a row with another spend and the
// same clicks is no campaign that a model has seen, so questions of another spend move them along.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "model/data/schema.h"
#include "model/data/table.h"

namespace roicast {

inline constexpr int kMostMovingFeatures = 64;
// Of all moving features together.
inline constexpr int kMostWordLevels = 4096;

// What a word of a categorical feature adds to a level, and to the share of rows that lack a value.
struct WordLevel {
  int feature = -1;      // categorical; index in the schema
  int code = 0;          // of the word; kMissingCode: of rows without one
  double level = 0.0;    // from −kMostLevel to kMostLevel
  double lacking = 0.0;  // from −1 to 1

  friend bool operator==(const WordLevel&, const WordLevel&) = default;
};

// ln of the value = level + those of the row's words + elasticity · ln of the spend, and what is the row's own.
struct SpendCompanion {
  int feature = -1;         // numeric, and not the spend; index in the schema
  double elasticity = 0.0;  // least squares within categories; from −kMostElasticity to kMostElasticity
  double level = 0.0;       // of all rows; from −kMostLevel to kMostLevel
  // Standard deviation of what is the row's own, from −kMostLevel to kMostLevel. Below 0: it goes against that of the
  // first feature, as cost per click does where clicks are many for the spend. 0: not known.
  double spread = 0.0;
  // By feature and code. All companions have the same words; the mean over the rows of training is 0.
  std::vector<WordLevel> words = {};
  // The share of rows that have no value above 0, from 0 to 1. Where it and what the row's words add to it are more
  // than kMostLacking, a row without a value is as it usually is: television has no clicks.
  double lacking = 0.0;

  static constexpr double kMostElasticity = 10.0, kMostLevel = 500.0, kMostLacking = 0.5;

  friend bool operator==(const SpendCompanion&, const SpendCompanion&) = default;
};

// Straight lines of logarithms, all fitted to the same rows, keep every product: where spend = clicks · cost per click
// in each row, it still is after both have moved.
struct MovesWithSpend {
  int spend = -1;                        // the numeric feature that holds it
  std::vector<SpendCompanion> features;  // ascending; at most kMostMovingFeatures; empty: none moves

  bool empty() const { return features.empty(); }
  bool Moves(int feature) const;

  // row [schema size], raw: gets another spend, and what moves with it. A value x above 0 becomes
  // x · (to / from)^elasticity, as float32, within the range that the feature allows: at the row's own spend nothing
  // changes. A value that is missing, or at another spend not above 0, or whose row has no spend above 0, becomes what
  // usually goes with the spend in rows with its words, e^(level + levels of words) · to^elasticity, and stays as it is
  // if such rows usually lack a value. A `to` that is not above 0 moves nothing.
  // deviations: how many standard deviations from that such values are, all together: of what is the row's own, and of
  // the levels of words that it has and training does not (UnknownLevel).
  void SetSpend(const Schema& schema, float to, float* row, double deviations = 0.0) const;

  // Whether SetSpend, at another spend, fills in a value of the row that is missing or not above 0, or whose row has no
  // spend above 0.
  bool FillsIn(const float* row) const;
  // How far such values may be off because the row has words that training has no level of: the largest standard
  // deviation of ln of a value, as if its word were any of those that have one. 0: nothing is filled in, or all words
  // are known.
  double UnknownLevel(const float* row) const;
  // The categorical features whose words have levels, ascending.
  std::vector<int> LevelFeatures() const;

  // own: the table whose columns are this schema's features, with codes of its dictionaries. The same for a schema with
  // some of the features and words; empty if the spend is not among them. What is known of words that are not there
  // becomes a part of the spread.
  MovesWithSpend For(const Table& own, const Schema& other) const;

  // Errors: InvalidArgument naming the field.
  absl::Status Validate(const Schema& schema) const;
};

}  // namespace roicast
