// The columns of a table, for flags that name them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

struct ColumnValue {
  std::string column;
  std::string value;
};

// Names may contain commas and equals signs, so what a flag means follows from the names. All errors are usage errors
// and name the flag, what was given, and the nearest column; their hint lists the columns.
class ColumnNames {
 public:
  // The columns are not known: every name passes, but lists are refused.
  ColumnNames() = default;
  explicit ColumnNames(std::vector<std::string> names) : names_(std::move(names)) {}

  bool known() const { return names_.has_value(); }
  // Empty if they are not known.
  std::vector<std::string> names() const { return names_.value_or(std::vector<std::string>()); }

  // `given`: the flag as it was written, such as "--target conversion"; `name`: the column that it names.
  absl::Status Check(absl::string_view given, absl::string_view name) const;
  // A column, or several separated by commas: "a,b" is one if there is a column "a,b", otherwise two. Blanks around a
  // name are ignored.
  absl::StatusOr<std::vector<std::string>> List(absl::string_view flag, absl::string_view text) const;
  // "column=value", or several separated by commas; no value contains a comma. With `optional`, a value may stand
  // alone, for all columns, whose name is then empty. `expected`: "COLUMN=KIND".
  absl::StatusOr<std::vector<ColumnValue>> Values(absl::string_view flag, absl::string_view text,
                                                  absl::string_view expected, bool optional = false) const;
  // One "column=value" whose value may contain anything.
  absl::StatusOr<ColumnValue> Value(absl::string_view flag, absl::string_view text, absl::string_view expected) const;

 private:
  bool Has(absl::string_view name) const;
  absl::Status NoColumn(absl::string_view given, absl::string_view name) const;

  std::optional<std::vector<std::string>> names_;
};

// `--flag text` for an error, on one line.
std::string GivenFlag(absl::string_view flag, absl::string_view text);
// True if the text can be a list of columns, or one name with a comma: then the columns have to be known.
bool NeedsColumns(const std::vector<std::string>& texts);

}  // namespace roicast::client
