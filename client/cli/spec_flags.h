// Builds a training spec from the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/column_names.h"
#include "client/cli/target_flags.h"
#include "roicast/v1/training_spec.pb.h"

namespace CLI {
class App;
}

namespace roicast::client {

// Flags for the settings people change often; --spec reads the whole message. Flags override the file.
class SpecFlags {
 public:
  // Target, columns, cleaning and split.
  void AddDataTo(CLI::App& command);
  // Preset, network and optimisation.
  void AddTrainingTo(CLI::App& command);

  // What flags say about the target.
  v1::TargetSpec Target() const;
  // True if what some flag means can only be told from the dataset's columns.
  bool NeedsColumns() const;
  // Without the dataset. Errors: a usage error naming the flag, also for a name that is no column; those of the --spec
  // file.
  absl::StatusOr<v1::TrainingSpec> Build(const ColumnNames& columns) const;

 private:
  absl::Status BuildColumns(const ColumnNames& columns, v1::TrainingSpec& spec) const;
  absl::Status BuildSplit(const ColumnNames& columns, v1::TrainingSpec& spec) const;
  absl::Status BuildTraining(v1::TrainingSpec& spec) const;

  std::string spec_file_;
  std::string model_;
  TargetFlags target_;
  std::optional<double> class_threshold_;
  std::string weight_;
  std::string interval_group_;
  std::vector<std::string> exclude_, include_, kinds_, ranges_;
  std::string missing_, outliers_, copies_, schema_;
  std::optional<double> holdout_, validation_, dropout_, learning_rate_, l1_, l2_, weight_decay_;
  std::string holdout_time_, holdout_value_, holdout_group_, until_;
  std::string time_budget_;
  bool distill_ = false, select_features_ = false, diminishing_returns_ = false;
  std::string preset_, target_transform_, activation_, loss_, optimizer_;
  std::vector<int32_t> hidden_;
  std::optional<int32_t> min_word_rows_, max_words_, folds_;
  std::optional<int32_t> epochs_, batch_size_, patience_;
  std::optional<int64_t> seed_, warm_start_;
};

}  // namespace roicast::client
