// Infers which columns of a table are features, and their kinds.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/data_warning.h"
#include "model/data/schema.h"
#include "model/data/table.h"
#include "model/data/target.h"

namespace roicast {

enum class NumericTransform { kAuto, kNone, kLog1p, kAsinh };

// Infinite: no bound.
struct ValueRange {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();

  friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

struct ColumnOverride {
  std::string name;
  std::optional<FeatureKind> kind = {};  // unset: inferred
  bool exclude = false;                  // never an input
  // An input even if it looks like an identifier or an outcome, is constant or selects the holdout.
  bool include = false;
  NumericTransform transform = NumericTransform::kAuto;
  FeatureGroup group = FeatureGroup::kUnspecified;
  std::string unit = {};
  // Numeric: serving refuses other values. A range without bounds takes away the one of the campaign schema.
  std::optional<ValueRange> allowed = {};
};

struct LeftOutColumn {
  std::string column;
  // "target", "revenue", "ROAS", "weight", "excluded", "outcome", "all missing", "constant", "identifier-like",
  // "chooses the holdout", "added by score" (or by another command)
  std::string reason;
  std::string value = {};  // of a constant column; of a time, seconds since 1970
};

struct InferredSchema {
  Schema schema;  // vocabularies and seen ranges are set later, from the training rows
  std::vector<LeftOutColumn> left_out;
  // Which columns were left out, or read as words, because of their names, with the flags that change it.
  std::vector<DataWarning> warnings;
};

// What else tells about the columns.
struct SchemaHints {
  std::string weight_column = {};
  std::string holdout_column = {};  // rows are held out by its value
  // Columns that are named as in CampaignSchema() are what it says.
  bool campaign_schema = false;
};

// Left out, unless an override includes them: the target's own columns (revenue and ROAS always, spend not), the weight
// column, excluded and constant columns (unless at least 5 % of the cells are blank and 5 % are not, 5 each: then it is
// the blank that tells), the column by whose value rows are held out (training never sees the holdout's value), numeric
// columns that are named like an outcome (model/data/meaning/outcome_names.h), what commands added to the table
// (model/data/meaning/result_columns.h), and identifier-like
// columns, which have at least 20 distinct values and
// - are categorical, with over 90 % of the cells distinct, or
// - are distinct whole numbers that fill a range with few gaps, and are not named like an amount
//   (model/data/meaning/target_names.h), or
// - are named like an identifier (model/data/meaning/identifier_names.h), with over half of the cells distinct.
// A column that is left out for its values, not for its name, is said with the flag that includes it.
// Numbers are no input either if the column is named like an identifier, unless an override says that it is numeric:
// ReadCsvFile reads such a column as words.
// Group, unit and allowed range are the overrides'. Only if hints.campaign_schema is set, or the table has all 20
// columns of CampaignSchema() in their kinds, such columns take these from it, and are neither outcomes nor
// identifier-like. The spend column is always allowed > 0. Feature order is the table's, except that a table with all
// 20 campaign columns gets them first, in the order of CampaignSchema(). Errors: InvalidArgument (an override for a
// missing column, a duplicate one, or one of a kind that the table's column does not have, see ConvertKinds; a range
// for a column that is not numeric; no features left), those of `stop`.
absl::StatusOr<InferredSchema> InferSchema(const Table& table, const TargetSpec& target,
                                           const std::vector<ColumnOverride>& overrides, const SchemaHints& hints = {},
                                           const StopCheck& stop = nullptr);

// The flag of the command `roicast` that most likely asked for the override; empty if none did.
absl::string_view FlagOf(const ColumnOverride& column);

// Converts columns of the table to the kinds that the overrides request. Numbers become categories in their shortest
// spelling (pass the kind to ReadCsvFile to keep the file's spelling) or times in seconds since 1970; times become
// numbers. Errors: InvalidArgument if categories would have to become numbers or times.
absl::Status ConvertKinds(const std::vector<ColumnOverride>& overrides, Table& table);

}  // namespace roicast
