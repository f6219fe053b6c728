// What the measures of accuracy share: options, splits and results.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/report.h"
#include "model/data/csv_table.h"
#include "model/evaluation/metrics.h"
#include "model/training/training_spec.h"

namespace roicast::bench {

struct Options {
  std::string data = ROICAST_SOURCE_DIR "/../shared/data";
  std::string json, only, preset, set;
  bool served = false;
  int runs = 5, splits = 10, threads = 1;
  double time_budget = 60.0;  // seconds, of the preset auto
  // For tuning: settings that differ from the preset.
  std::vector<int> hidden;
  std::string activation, loss;
  int epochs = -1, batch_size = -1, patience = -1, warmup_epochs = -1;
  double learning_rate = -1, weight_decay = -1, dropout = -1, validation_fraction = -1, fence_quantile = -1;
};

// Sets what the options change of a preset.
void Tune(const Options& options, TrainingSpec& spec);

ColumnOverride Exclude(std::string column);

// The column whose value "test" marks the holdout rows.
inline constexpr char kPart[] = "part";

absl::Status AddPart(const std::vector<bool>& test, Table& table);
// Holds out the rows with a value.
void HoldOut(std::string column, std::string value, TrainingSpec& spec);

struct Parts {
  CsvTable train, fresh;
};

Parts Divide(const CsvTable& data, const std::function<bool(int64_t)>& is_fresh);
// By kPart.
Parts DivideByPart(const CsvTable& data);

// Metrics on the holdout, one per seed.
absl::StatusOr<std::vector<Metrics>> Repeat(const CsvTable& data, TrainingSpec spec, int runs, int threads);

double MedianOf(const std::vector<Metrics>& metrics, const std::function<double(const Metrics&)>& figure);

// For figures where 1 is perfect, such as R²: compares the distances from 1.
Result ShareResult(std::string test_case, std::string unit, double value, std::string peer, double peer_value);
// For errors, such as RMSE.
Result ErrorResult(std::string test_case, std::string unit, double value, std::string peer, double peer_value);

}  // namespace roicast::bench
