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
  std::optional<FeatureKind> kind = {};  // unset: inferred
  bool exclude = false;                  // never an input
  // An input even where it looks like an identifier, is constant or chooses the holdout.
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
  Schema schema;  // vocabularies and seen ranges are learnt later, on the training rows
  std::vector<LeftOutColumn> left_out;
};

// Left out: the target's own columns (revenue always, spend not), the weight column, excluded and constant columns, the
// column by whose value rows are held out (training never sees the holdout's value), outcomes that are nobody's target
// (columns called roi, true_roi or revenue, without case), and identifier-like ones, which have at least 20 distinct
// values and
// - are categories of which over 90 % of the cells are distinct, or
// - are whole numbers, all distinct, that run through a range without many gaps or only ever rise or fall, or
// - are called id, uuid, guid, …_id, …ID or …Id, where over 10 % of the cells are distinct.
// Columns of the default schema take group, unit and allowed range from it, and are never identifier-like; the spend
// column is allowed > 0. Feature order is the table's, except that a table with all 20 campaign columns gets them
// first, in the order of CampaignSchema(). Errors: InvalidArgument (override for a column that is not there, given
// twice, or of a kind that the table's column does not have, see ConvertKinds; no feature is left).
absl::StatusOr<InferredSchema> InferSchema(const Table& table, const TargetSpec& target,
                                           const std::vector<ColumnOverride>& overrides,
                                           const std::string& weight_column, const std::string& holdout_column = "");

// Gives columns of the table the kinds that the overrides ask for. Numbers become categories, spelled as short as they
// can be (ask ReadCsvFile for the kind to keep the file's spelling), or times in seconds since 1970; times become
// numbers. Errors: InvalidArgument where categories would have to become numbers or times.
absl::Status ConvertKinds(const std::vector<ColumnOverride>& overrides, Table& table);

}  // namespace roicast
