#include "bench/accuracy/measurement.h"

#include <utility>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "model/training/train_model.h"

namespace roicast::bench {

void Tune(const Options& options, TrainingSpec& spec) {
  if (!options.hidden.empty()) spec.network.hidden = options.hidden;
  for (const Activation activation : kAllActivations) {
    if (absl::EqualsIgnoreCase(options.activation, ActivationName(activation))) spec.network.activation = activation;
  }
  if (options.loss == "huber") spec.training.loss = Loss::kHuber;
  if (options.loss == "squared") spec.training.loss = Loss::kSquared;
  if (options.epochs >= 0) {
    spec.training.epochs = options.epochs;
    spec.choose_capacity = false;
  }
  if (options.batch_size >= 0) spec.training.batch_size = options.batch_size;
  if (options.patience >= 0) spec.training.patience = options.patience;
  if (options.warmup_epochs >= 0) spec.training.warmup_epochs = options.warmup_epochs;
  if (options.learning_rate >= 0) spec.training.learning_rate = options.learning_rate;
  if (options.weight_decay >= 0) spec.training.weight_decay = options.weight_decay;
  if (options.dropout >= 0) spec.network.dropout = options.dropout;
  if (options.validation_fraction >= 0) spec.split.validation_fraction = options.validation_fraction;
  if (options.fence_quantile > 0) spec.cleaning.fence_quantile = options.fence_quantile;
}

ColumnOverride Exclude(std::string column) {
  ColumnOverride excluded;
  excluded.name = std::move(column);
  excluded.exclude = true;
  return excluded;
}

absl::Status AddPart(const std::vector<bool>& test, Table& table) {
  Column part;
  part.name = kPart;
  part.kind = FeatureKind::kCategorical;
  part.dictionary = {"train", "test"};
  for (const bool held_out : test) part.codes.push_back(held_out);
  return table.AddColumn(std::move(part));
}

void HoldOut(std::string column, std::string value, TrainingSpec& spec) {
  // The peers trained on copies of their test rows, too.
  spec.split.keep_copies_together = false;
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = std::move(column);
  spec.split.value = std::move(value);
}

Parts Divide(const CsvTable& data, const std::function<bool(int64_t)>& is_fresh) {
  std::vector<int64_t> train, fresh;
  for (int64_t row = 0; row < data.table.rows(); ++row) (is_fresh(row) ? fresh : train).push_back(row);
  Parts parts;
  parts.train.table = data.table.Select(train);
  parts.fresh.table = data.table.Select(fresh);
  parts.train.rows_in = static_cast<int64_t>(train.size());
  parts.fresh.rows_in = static_cast<int64_t>(fresh.size());
  return parts;
}

Parts DivideByPart(const CsvTable& data) {
  const Column& part = *data.table.Find(kPart);
  return Divide(data, [&](int64_t row) { return part.codes[static_cast<size_t>(row)] == 1; });
}

absl::StatusOr<std::vector<Metrics>> Repeat(const CsvTable& data, TrainingSpec spec, int runs, int threads) {
  TrainModelInputs inputs;
  inputs.threads = threads;
  std::vector<Metrics> metrics;
  for (int run = 0; run < runs; ++run) {
    spec.training.seed = 42 + static_cast<uint64_t>(run);
    ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(data, spec, inputs));
    metrics.push_back(artifact.report.holdout.model);
  }
  return metrics;
}

double MedianOf(const std::vector<Metrics>& metrics, const std::function<double(const Metrics&)>& figure) {
  std::vector<double> values;
  for (const Metrics& run : metrics) values.push_back(figure(run));
  return Median(values);
}

Result ShareResult(std::string test_case, std::string unit, double value, std::string peer, double peer_value) {
  return {"accuracy",
          std::move(test_case),
          value,
          std::move(unit),
          std::move(peer),
          peer_value,
          (1.0 - peer_value) / (1.0 - value)};
}

Result ErrorResult(std::string test_case, std::string unit, double value, std::string peer, double peer_value) {
  return {"accuracy", std::move(test_case), value, std::move(unit), std::move(peer), peer_value, peer_value / value};
}

}  // namespace roicast::bench
