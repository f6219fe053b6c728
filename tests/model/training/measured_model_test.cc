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

}  // namespace
}  // namespace roicast
