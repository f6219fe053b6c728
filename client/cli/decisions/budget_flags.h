// Flags that say what is to be split, and within which limits: of `roicast optimize` and `roicast plan`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/decisions/campaign_table.h"
#include "client/cli/decisions/lift_flags.h"
#include "roicast/v1/decision.pb.h"

namespace CLI {
class App;
}

namespace roicast::client {

class BudgetFlags {
 public:
  void AddTo(CLI::App& command);

  // What is wrong with the flags alone. Errors: usage errors.
  absl::Status Validate() const;
  // What Validate does not know: there are periods.
  absl::Status ValidateOverPeriods() const;
  // Which columns of the table are needed.
  CampaignTableOptions TableOptions(const ModelConnection& connection) const;
  // All of it. Errors: usage errors; a cell that is no number, by line and column.
  absl::StatusOr<v1::BudgetProblem> ToProblem(const CampaignTable& table) const;

  // The server's error, as one of the flag that is to blame. One about the size of the problem says what makes it
  // smaller.
  absl::Status Blame(const absl::Status& status) const;

  const TableFlags& table() const { return table_; }
  const std::string& output() const { return output_; }

 private:
  absl::Status FillCampaigns(const CampaignTable& table, v1::BudgetProblem* problem) const;
  absl::Status FillGroups(v1::BudgetProblem* problem) const;

  TableFlags table_;
  LiftFlags lift_;
  std::optional<double> budget_, min_, max_, step_, goal_value_, lower_bound_, interval_, unit_;
  bool spend_all_ = false, may_skip_ = false;
  std::string goal_ = "profit", spend_, output_;
  std::string name_column_, group_column_, min_column_, max_column_, step_column_, locked_column_, present_column_;
  std::vector<std::string> groups_;
};

}  // namespace roicast::client
