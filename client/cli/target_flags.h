// Which columns hold the outcome.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/cli/column_names.h"
#include "roicast/v1/training_spec.pb.h"

namespace CLI {
class App;
}

namespace roicast::client {

struct TargetFlags {
  std::string column, revenue, spend, roas;
  // "zero" or "missing".
  std::string blank_revenue;
  // "number", "two-valued" or "zero-heavy".
  std::string kind;
  std::string positive_value;
  std::optional<double> profit_threshold;

  // group: the heading in the help; empty for the common one.
  void AddTo(CLI::App& command, const std::string& group = "");
  bool empty() const {
    return column.empty() && revenue.empty() && spend.empty() && roas.empty() && blank_revenue.empty() &&
           kind.empty() && positive_value.empty();
  }
  // INVALID_ARGUMENT for a flag that names no column.
  absl::Status Check(const ColumnNames& columns) const;
  // Sets what was given and keeps the rest.
  void MergeInto(v1::TargetSpec* target) const;
};

}  // namespace roicast::client
