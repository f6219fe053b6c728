// Three exports of the same campaigns, one under the other, through a whole training.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "model/uncertainty/uncertainty.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

// Campaigns of words with effects of their own, whose luck is the same in all exports.
std::string Exports(int campaigns, int exports, uint64_t seed) {
  std::string csv = "Exported,Channel,Country,Spend,Revenue\n";
  for (int day = 4 - exports; day <= 3; ++day) {
    Random random(seed);
    for (int row = 0; row < campaigns; ++row) {
      const auto channel = static_cast<int>(random.Below(3)), country = static_cast<int>(random.Below(3));
      const double spend = 500.0 * std::exp(0.7 * random.Normal());
      absl::StrAppendFormat(&csv, "2025-01-%02d,c%d,k%d,%.2f,%.2f\n", day, channel, country, spend,
                            spend * (1.0 + channel) * (1.0 + 0.02 * day) * std::exp(0.4 * random.Normal()));
    }
  }
  return csv;
}

std::vector<float> RawRow(const Schema& schema, const Table& table, int64_t row) {
  std::vector<float> raw;
  for (const Feature& feature : schema.features) {
    const Column& column = *table.Find(feature.name);
    if (feature.kind != FeatureKind::kCategorical) {
      const double unit = feature.kind == FeatureKind::kTime ? 3600.0 : 1.0;
      raw.push_back(static_cast<float>(column.numbers[row] / unit));
      continue;
    }
    float code = kUnseenCode;
    for (size_t i = 0; i < feature.vocabulary.size(); ++i) {
      if (feature.vocabulary[i] == column.dictionary[column.codes[row]]) code = static_cast<float>(i);
    }
    raw.push_back(code);
  }
  return raw;
}

// The share of new campaigns inside of the intervals of 90 %.
double CoverageOfNew(const Artifact& artifact) {
  const auto predictor = Predictor::CompileUnverified(artifact);
  EXPECT_TRUE(predictor.ok());
  const Uncertainty uncertainty(artifact, predictor->get());
  UncertaintyOptions options;
  options.interval_level = 0.9;
  const auto question = uncertainty.Ask(options);
  EXPECT_TRUE(question.ok()) << question.status();
  const CsvTable others = ReadCsvOrFail(Exports(1000, 1, 99));
  const Column &spend = *others.table.Find("Spend"), &revenue = *others.table.Find("Revenue");
  double inside = 0.0;
  for (int64_t row = 0; row < others.table.rows(); ++row) {
    const std::vector<float> raw = RawRow(artifact.schema, others.table, row);
    float roi, location, log_scale, low, high;
    uint8_t flags;
    (*predictor)->PredictWithSpread(raw.data(), 1, {&roi, 1}, {&flags, 1}, {{&location, 1}, {&log_scale, 1}, {}});
    uncertainty.Answer(
        *question, **predictor,
        {{raw.data(), {}}, {&roi, 1}, {&flags, 1}, {{&location, 1}, {&log_scale, 1}, {}}, {&low, 1}, {&high, 1}, {}});
    const double truth = revenue.numbers[row] / spend.numbers[row] - 1.0;
    inside += low <= truth && truth <= high ? 1.0 : 0.0;
  }
  return inside / static_cast<double>(others.table.rows());
}

// With twins on both sides of the folds, 79 % were inside, and 90 rows were said to be held out.
TEST(RepeatedExports, SayNoMoreThanOneExportDoes) {
  const auto artifact = TrainModel(ReadCsvOrFail(Exports(150, 3, 13)), SpecFromPreset(Preset::kCompact));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->report.holdout.distinct_inputs, 30);
  EXPECT_GE(CoverageOfNew(*artifact), 0.86);
}

}  // namespace
}  // namespace roicast
