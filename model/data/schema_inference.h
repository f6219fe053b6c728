// Which columns of a table are features, and what they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/schema.h"
#include "model/data/table.h"
#include "model/data/target.h"

namespace roicast {

enum class NumericTransform { kAuto, kNone, kLog1p, kAsinh };

struct ColumnOverride {
  std::string name;
  std::optional<FeatureKind> kind;  // unset: inferred
  bool exclude = false;             // never an input
  bool include = false;             // an input even where it looks like an identifier or is constant
  NumericTransform transform = NumericTransform::kAuto;
  FeatureGroup group = FeatureGroup::kUnspecified;
  std::string unit;
};

struct LeftOutColumn {
  std::string column;
  std::string reason;  // "target", "revenue", "weight", "excluded", "constant", "identifier-like", "all missing"
};

struct InferredSchema {
  Schema schema;  // vocabularies and seen ranges are learnt later, on the training rows
  std::vector<LeftOutColumn> left_out;
};

// Left out: the target's own columns (revenue always, spend not), the weight column, excluded and constant columns, and
// identifier-like ones: categorical or whole-numbered with nearly all values distinct, or named like one ("id",
// "…_id", "uuid") with many distinct values. Columns of the default schema take group, unit and allowed range from it;
// the spend column is allowed > 0. Feature order is the table's, except that a table with all 20 campaign columns gets
// them in the order of CampaignSchema().
// Errors: InvalidArgument (override for a column that is not there, or of an impossible kind; no feature is left).
absl::StatusOr<InferredSchema> InferSchema(const Table& table, const TargetSpec& target,
                                           const std::vector<ColumnOverride>& overrides,
                                           const std::string& weight_column);

}  // namespace roicast
