// Which column of a table holds which feature of a model, and how its cells are written.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/tables/column_form.h"
#include "base/tables/note.h"
#include "base/tables/table_detection.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

struct FeatureColumn {
  // Index in the schema, and in the table.
  size_t feature = 0;
  size_t column = 0;
  ColumnForm form;
};

struct AbsentFeature {
  std::string name;
  // The column that may be meant, which is no feature itself; empty: none comes near.
  std::string near_column = "";
};

struct FeatureColumns {
  // In schema order, as are the absent ones.
  std::vector<FeatureColumn> found;
  std::vector<AbsentFeature> absent;
  // Columns that hold no feature, in the order of the table.
  std::vector<std::string> unused;
  // What a person should know about how the features' cells are read.
  std::vector<TableNote> notes;
};

// The table is read in its own form, not in that of the table which the model learnt from. Where its cells can be read
// in two ways, as 05/06/2024 or 1.326 can, they are read as in training unless the file or the range of training says
// otherwise (ambiguous_numbers.h), and a note says so; so are scales that were given at training, unless `said` (what a
// person says about columns) has one. Another unit than in training, such as per cent, is noted as well. `given`:
// feature → column, for a feature that is to be read from a column of another name, whether or not there is one of its
// own name. Errors: INVALID_ARGUMENT if no column is a feature, if nothing tells how the times of a column are written,
// or if file and training disagree about what its numbers are.
absl::StatusOr<FeatureColumns> BindFeatures(const v1::Model& model, const TableReading& table,
                                            absl::Span<const ColumnOptions> said,
                                            const std::map<std::string, std::string>& given = {});

// The column of that name; nullopt if there is none.
std::optional<size_t> ColumnIndex(const TableReading& table, absl::string_view name);

// Some cells of a column, how they are written, and the feature that they are of, or nullptr.
struct UnitCells {
  std::vector<std::string> examples;
  NumberForm form;
  const v1::Feature* feature = nullptr;
};

// What a person should know about a column of numbers whose unit is not the one that the model learnt, such as per
// cent; nullopt: nothing. No warning where the cells are like the values of training as they stand, and only so.
std::optional<TableNote> UnitNote(const std::string& column, const std::string& learnt, const std::string& here,
                                  const UnitCells& cells);

// The column that may be meant by a feature that has none, by its whole name or by one of its words: "spent" in
// "Amount spent (USD)" is near "Spend"; else by its name in another currency, or another name of a spend. Empty: none
// comes near.
std::string NearColumn(const std::string& feature, const std::vector<std::string>& columns);

// `no column for "Channel" (did you mean "channel"?), "Spend"`, for messages. Empty if none is absent.
std::string AbsentText(const std::vector<AbsentFeature>& absent);

}  // namespace roicast::client
