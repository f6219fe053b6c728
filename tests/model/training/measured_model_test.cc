#include "model/training/measured_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

// Ten copies of 60 campaigns once had a standard error that was smaller by a factor of √10.
TEST(MeasuredModel, CountsCopiesOnceInTheStandardErrorOfR2) {
  const std::string csv = SmallDatasetCsv(60);
  const std::string rows = csv.substr(csv.find('\n') + 1);
  std::string copies = csv;
  for (int copy = 1; copy < 10; ++copy) copies += rows;

  TrainingSpec spec = SmallSpec();
  spec.training.epochs = 5;
  const auto artifact = TrainModel(ReadCsvOrFail(csv), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const TargetSpec& target = artifact->provenance.spec.target;
  const auto once = EvaluateArtifact(*artifact, ReadCsvOrFail(csv), target, 0.0);
  const auto ten_times = EvaluateArtifact(*artifact, ReadCsvOrFail(copies), target, 0.0);
  ASSERT_TRUE(once.ok() && ten_times.ok()) << once.status() << ten_times.status();
  EXPECT_EQ(once->metrics.model.rows, 60);
  EXPECT_EQ(ten_times->metrics.model.rows, 600);
  EXPECT_EQ(once->metrics.distinct_inputs, 60);
  EXPECT_EQ(ten_times->metrics.distinct_inputs, 60);
  EXPECT_GT(once->metrics.r2_standard_error, 0.0);
  EXPECT_NEAR(ten_times->metrics.r2_standard_error / once->metrics.r2_standard_error, 1.0, 1e-9);
}

// A rare NA was once a word in score and missing in the evaluation of the same rows.
TEST(ReadAsModelDoes, TakesTheModelsWordsAndItsSpellingsOfMissing) {
  Artifact artifact;
  Feature& region = artifact.schema.features.emplace_back();
  region.name = "region";
  region.kind = FeatureKind::kCategorical;
  region.vocabulary = {"EMEA", "NA"};
  artifact.report.cleaning.reading.emplace().missing_values = {"unknown"};
  TargetSpec target;
  target.column = "roi";
  CsvTableOptions options;
  ReadAsModelDoes(artifact, target, options);
  const CsvTable csv = ReadCsvOrFail("region,roi\nNA,1\nEMEA,2\nunknown,NA\nnull,4\n", options);
  EXPECT_EQ(csv.table.Find("region")->codes, (std::vector<int32_t>{0, 1, kMissingCode, kMissingCode}));
  EXPECT_TRUE(std::isnan(csv.table.Find("roi")->numbers[2]));
  EXPECT_EQ(csv.issue_count, 0);
}

}  // namespace
}  // namespace roicast
