// Infers which columns of a table are features, and their kinds.
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
  std::optional<FeatureKind> kind = {};  // unset: inferred
  bool exclude = false;                  // never an input
  // An input even if it looks like an identifier, is constant or selects the holdout.
  bool include = false;
  NumericTransform transform = NumericTransform::kAuto;
  FeatureGroup group = FeatureGroup::kUnspecified;
  std::string unit = {};
};

struct LeftOutColumn {
  std::string column;
  // "target", "revenue", "weight", "excluded", "outcome", "all missing", "constant", "identifier-like",
  // "chooses the holdout"
  std::string reason;
};

struct InferredSchema {
  Schema schema;  // vocabularies and seen ranges are set later, from the training rows
  std::vector<LeftOutColumn> left_out;
};

// Left out: the target's own columns (revenue always, spend not), the weight column, excluded and constant columns, the
// column by whose value rows are held out (training never sees the holdout's value), outcomes that are not the target
// (columns named roi, true_roi or revenue, ignoring case), and identifier-like columns, which have at least 20 distinct
// values and
// - are categorical, with over 90 % of the cells distinct, or
// - are distinct whole numbers that fill a range with few gaps, or only increase or only decrease, or
// - are named id, uuid, guid, …_id, …ID or …Id, with over 10 % of the cells distinct.
// Columns of the default schema take group, unit and allowed range from it, and are never identifier-like; the spend
// column is allowed > 0. Feature order is the table's, except that a table with all 20 campaign columns gets them
// first, in the order of CampaignSchema(). Errors: InvalidArgument (an override for a missing column, a duplicate one,
// or one of a kind that the table's column does not have, see ConvertKinds; no features left).
absl::StatusOr<InferredSchema> InferSchema(const Table& table, const TargetSpec& target,
                                           const std::vector<ColumnOverride>& overrides,
                                           const std::string& weight_column, const std::string& holdout_column = "");

// Converts columns of the table to the kinds that the overrides request. Numbers become categories in their shortest
// spelling (pass the kind to ReadCsvFile to keep the file's spelling) or times in seconds since 1970; times become
// numbers. Errors: InvalidArgument if categories would have to become numbers or times.
absl::Status ConvertKinds(const std::vector<ColumnOverride>& overrides, Table& table);

}  // namespace roicast
