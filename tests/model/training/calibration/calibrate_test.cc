#include "model/training/calibration/calibrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "model/uncertainty/uncertainty.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// A network that predicts ROI = price exactly, with the hidden units relu(price − 5) and relu(5 − price).
Artifact PriceModel() {
  Artifact artifact;
  Feature price, channel;
  price.name = "price";
  price.seen_min = 0.0;
  price.seen_max = 10.0;
  channel.name = "channel";
  channel.kind = FeatureKind::kCategorical;
  channel.vocabulary = {"search", "social", "radio"};
  artifact.schema.features = {price, channel};
  artifact.features.resize(2);
  DenseLayer hidden, output;
  hidden.activation = Activation::kRelu;
  hidden.weights = RowMajorMatrix::Zero(2, 5);
  hidden.weights(0, 0) = 1.0f;
  hidden.weights(1, 0) = -1.0f;
  hidden.biases = Eigen::VectorXf(2);
  hidden.biases << -5.0f, 5.0f;
  output.weights = RowMajorMatrix(1, 2);
  output.weights << 1.0f, -1.0f;
  output.biases = Eigen::VectorXf::Constant(1, 5.0f);
  artifact.mlp.layers = {hidden, output};
  return artifact;
}

// Rows with errors of standard deviation e^(slope · (price − 5)) · by_channel[channel].
struct Sample {
  RowMajorMatrix raw;
  std::vector<double> roi, predicted;
};
struct World {
  double slope = 0.0;
  double by_channel[3] = {1.0, 1.0, 1.0};
  double social = 1.0 / 3.0;  // their share
};

Sample MakeSample(int rows, const World& world, uint64_t seed) {
  Random random(seed);
  Sample sample;
  sample.raw.resize(rows, 2);
  for (int i = 0; i < rows; ++i) {
    sample.raw(i, 0) = static_cast<float>(random.Uniform(0.0, 10.0));
    const int channel = random.Uniform() < world.social ? 1 : 2 * static_cast<int>(random.Below(2));
    sample.raw(i, 1) = static_cast<float>(channel);
    const double deviation = std::exp(world.slope * (sample.raw(i, 0) - 5.0)) * world.by_channel[channel];
    sample.predicted.push_back(sample.raw(i, 0));
    sample.roi.push_back(sample.raw(i, 0) + deviation * random.Normal());
  }
  return sample;
}

absl::Status CalibrateOn(const Sample& sample, const TrainingSpec& spec, Artifact& artifact,
                         int64_t holdout_begin = 0) {
  return Calibrate({sample.raw, sample.roi, sample.predicted, {}, {}, holdout_begin}, spec, artifact);
}

struct Measured {
  double coverage = 0.0, width = 0.0, reliability_error = 0.0;
};

// Of 90 % intervals, and of the probability of ROI > 5, through the artifact as serving does it.
Measured Measure(const Artifact& artifact, const Sample& sample) {
  const auto predictor = Predictor::CompileUnverified(artifact);
  EXPECT_TRUE(predictor.ok()) << predictor.status();
  const Uncertainty uncertainty(artifact);
  const auto question = uncertainty.Ask({.interval_level = 0.9, .profit_probability = true, .profit_threshold = 5.0});
  EXPECT_TRUE(question.ok()) << question.status();
  const size_t n = sample.roi.size();
  std::vector<float> roi(n), location(n), log_scale(n), share(n), low(n), high(n), probability(n);
  std::vector<uint8_t> flags(n);
  const Predictor::Spread spread = {absl::MakeSpan(location), absl::MakeSpan(log_scale), absl::MakeSpan(share)};
  (*predictor)->PredictWithSpread(sample.raw.data(), n, absl::MakeSpan(roi), absl::MakeSpan(flags), spread);
  RawRows raw;
  raw.rows = sample.raw.data();
  uncertainty.Answer(*question, **predictor,
                     {raw, roi, flags, spread, absl::MakeSpan(low), absl::MakeSpan(high), absl::MakeSpan(probability)});
  Measured measured;
  double positives[10] = {}, sums[10] = {};
  for (size_t i = 0; i < n; ++i) {
    measured.coverage += sample.roi[i] >= low[i] && sample.roi[i] <= high[i];
    measured.width += high[i] - low[i];
    const int part = std::min(9, static_cast<int>(10.0f * probability[i]));
    positives[part] += sample.roi[i] > 5.0;
    sums[part] += probability[i];
  }
  measured.coverage /= static_cast<double>(n);
  measured.width /= static_cast<double>(n);
  for (int part = 0; part < 10; ++part) {
    measured.reliability_error += std::abs(positives[part] - sums[part]) / static_cast<double>(n);
  }
  return measured;
}

TEST(Calibrate, IntervalsCoverNewRows) {
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(MakeSample(2000, {}, 1), TrainingSpec(), artifact, 1500).ok());
  const Measured measured = Measure(artifact, MakeSample(20'000, {}, 2));
  EXPECT_NEAR(measured.coverage, 0.9, 0.015);
  EXPECT_NEAR(measured.width, 2.0 * 1.645, 0.15);
  EXPECT_LT(measured.reliability_error, 0.02);
  EXPECT_FALSE(artifact.calibration->log_scale.has_value());
  const CalibrationReport& report = artifact.report.calibration;
  EXPECT_EQ(report.rows, 2000);
  EXPECT_THAT(report.missing_because, IsEmpty());
  EXPECT_NEAR(report.coverage, 0.9, 0.03);
  EXPECT_NEAR(report.relative_width, 1.0, 1e-9);
  EXPECT_LT(report.profit_reliability_error, 0.08);
}

TEST(Calibrate, IntervalsFollowTheRow) {
  const World world = {.slope = 0.3};
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(MakeSample(2000, world, 3), TrainingSpec(), artifact, 1500).ok());
  ASSERT_TRUE(artifact.calibration->log_scale.has_value());
  const Sample fresh = MakeSample(20'000, world, 4);
  const Measured measured = Measure(artifact, fresh);
  EXPECT_NEAR(measured.coverage, 0.9, 0.015);
  // The best intervals have 2 · 1.645 · σ, whose mean is (e^1.5 − e^−1.5) / 3.
  EXPECT_NEAR(measured.width, 2.0 * 1.645 * 2.0 * std::sinh(1.5) / 3.0, 0.25);
  EXPECT_LT(measured.reliability_error, 0.02);
  EXPECT_LT(artifact.report.calibration.relative_width, 0.9);
  EXPECT_NEAR(artifact.report.calibration.coverage, 0.9, 0.03);
}

TEST(Calibrate, AGroupHasIntervalsOfItsOwn) {
  const World world = {.by_channel = {1.0, 0.2, 1.0}};
  TrainingSpec spec;
  spec.extra.interval_group = "channel";
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(MakeSample(1500, world, 5), spec, artifact, 1000).ok());
  ASSERT_EQ(artifact.calibration->groups.size(), 4u);
  EXPECT_EQ(artifact.calibration->groups[2].code, 1);
  EXPECT_EQ(artifact.calibration->group_feature, "channel");
  World only_social = world;
  only_social.social = 1.0;
  const Measured social = Measure(artifact, MakeSample(10'000, only_social, 6));
  EXPECT_NEAR(social.coverage, 0.9, 0.025);
  EXPECT_NEAR(social.width, 0.2 * 2.0 * 1.645, 0.06);
  EXPECT_THAT(artifact.report.cleaning.warnings, IsEmpty());
}

TEST(Calibrate, CategoriesWithFewRowsAreNamed) {
  TrainingSpec spec;
  spec.extra.interval_group = "channel";
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(MakeSample(500, {.social = 0.9}, 7), spec, artifact, 400).ok());
  ASSERT_EQ(artifact.calibration->groups.size(), 2u);
  ASSERT_EQ(artifact.report.cleaning.warnings.size(), 1u);
  EXPECT_EQ(artifact.report.cleaning.warnings[0].column, "channel");
  EXPECT_EQ(artifact.report.cleaning.warnings[0].message,
            "2 of its 3 categories have fewer than 100 calibration rows and the intervals of all rows: \"search\", "
            "\"radio\"");
}

TEST(Calibrate, TheGroupMustBeACategoricalFeature) {
  TrainingSpec spec;
  spec.extra.interval_group = "price";
  Artifact artifact = PriceModel();
  const absl::Status refused = CalibrateOn(MakeSample(100, {}, 8), spec, artifact);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(refused.message(),
            "extra.interval_group (--interval-group): expected a categorical feature (\"channel\"), got \"price\", "
            "which is numeric");
  spec.extra.interval_group = "chanel";
  EXPECT_THAT(CheckIntervalGroup(spec, artifact.schema).message(), HasSubstr("got \"chanel\", which is no feature"));
  spec.extra.interval_group = "channel";
  EXPECT_TRUE(CheckIntervalGroup(spec, artifact.schema).ok());
}

TEST(Calibrate, TooFewRowsHaveNoCalibrationAndTheReportSaysSo) {
  Sample sample = MakeSample(40, {}, 9);
  for (int i = 0; i < 11; ++i) sample.predicted[i] = kNan;
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(sample, TrainingSpec(), artifact).ok());
  EXPECT_FALSE(artifact.calibration.has_value());
  EXPECT_THAT(artifact.report.calibration.missing_because,
              HasSubstr("there are 29 rows that a model predicted without having learnt from them, and 30 are needed"));
  sample.predicted[0] = sample.raw(0, 0);
  ASSERT_TRUE(CalibrateOn(sample, TrainingSpec(), artifact).ok());
  EXPECT_EQ(artifact.report.calibration.rows, 30);
  EXPECT_EQ(artifact.calibration->groups[0].rows, 30);
}

TEST(Calibrate, LaterRowsAloneCountIfThereAreEnough) {
  Sample sample = MakeSample(1000, {}, 10);
  TrainingSpec spec;
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(sample, spec, artifact, 700).ok());
  EXPECT_EQ(artifact.report.calibration.rows, 1000);
  spec.split.holdout = SplitSpec::Holdout::kByTime;
  ASSERT_TRUE(CalibrateOn(sample, spec, artifact, 700).ok());
  EXPECT_EQ(artifact.report.calibration.rows, 300);
  ASSERT_TRUE(CalibrateOn(sample, spec, artifact, 801).ok());
  EXPECT_EQ(artifact.report.calibration.rows, 1000);
}

TEST(Calibrate, ErrorsOfModelsThatLearntFromFewerRowsAreScaled) {
  const Sample sample = MakeSample(3000, {}, 11);
  const std::vector<double> ratio(3000, 0.5);
  Artifact artifact = PriceModel();
  ASSERT_TRUE(Calibrate({sample.raw, sample.roi, sample.predicted, ratio, {}, 2000}, TrainingSpec(), artifact).ok());
  EXPECT_NEAR(Measure(artifact, sample).width, 0.5 * 2.0 * 1.645, 0.1);
}

// Errors are skewed to one side where the price is low, and to the other where it is high.
TEST(Calibrate, ShapesFollowThePrediction) {
  const auto make = [](int rows, uint64_t seed) {
    Sample sample = MakeSample(rows, {}, seed);
    Random random(seed + 1);
    for (int i = 0; i < rows; ++i) {
      const double exponential = -std::log(1.0 - random.Uniform()) - 1.0;
      sample.roi[i] = sample.raw(i, 0) + (sample.raw(i, 0) < 5.0f ? 1.0 : -1.0) * exponential;
    }
    return sample;
  };
  const Sample sample = make(4000, 17), fresh = make(20'000, 18);
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(sample, TrainingSpec(), artifact, 3000).ok());
  ASSERT_GE(artifact.calibration->shapes.size(), 2u);
  EXPECT_EQ(artifact.calibration->levels->rows, 4000);
  const Measured measured = Measure(artifact, fresh);
  EXPECT_NEAR(measured.coverage, 0.9, 0.015);
  EXPECT_LT(measured.reliability_error, 0.03);
  Artifact without = artifact;
  without.calibration->shapes.clear();
  without.calibration->levels.reset();
  EXPECT_LT(measured.reliability_error, 0.7 * Measure(without, fresh).reliability_error);
  EXPECT_NEAR(artifact.report.calibration.coverage, 0.9, 0.03);
}

TEST(Calibrate, ErrorsOfOneShapeHaveNoShapes) {
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(MakeSample(2000, {}, 19), TrainingSpec(), artifact, 1500).ok());
  EXPECT_THAT(artifact.calibration->shapes, IsEmpty());
  EXPECT_FALSE(artifact.calibration->levels.has_value());
}

// Half of the rows have −1, the others their price with an error.
TEST(Calibrate, AZeroHeavyTargetHasTheLevelsOfBothParts) {
  const auto make = [](int rows, uint64_t seed) {
    Sample sample = MakeSample(rows, {}, seed);
    Random random(seed + 1);
    for (double& roi : sample.roi) roi = random.Uniform() < 0.5 ? -1.0 : std::max(0.0, roi);
    return sample;
  };
  const Sample sample = make(3000, 14), fresh = make(20'000, 15);
  const std::vector<double> gate(3000, 0.0);
  Artifact artifact = PriceModel();
  artifact.target.kind = TargetKind::kZeroHeavy;
  artifact.target.rest = -1.0;
  DenseLayer& layer = artifact.gate.emplace();
  layer.weights = RowMajorMatrix::Zero(1, 2);
  layer.biases = Eigen::VectorXf::Zero(1);
  ASSERT_TRUE(Calibrate({sample.raw, sample.roi, sample.predicted, {}, gate, 2000}, TrainingSpec(), artifact).ok());
  EXPECT_EQ(artifact.calibration->levels->rows, 3000);
  EXPECT_NEAR(artifact.calibration->groups[0].rows, 1500, 100);
  EXPECT_NEAR(DistributionAt(*artifact.calibration->levels, 0.75), 0.75, 0.03);
  const Measured measured = Measure(artifact, fresh);
  EXPECT_NEAR(measured.coverage, 0.9, 0.015);
  EXPECT_LT(measured.reliability_error, 0.02);
  EXPECT_NEAR(artifact.report.calibration.coverage, 0.9, 0.03);
  EXPECT_TRUE(std::isnan(artifact.report.calibration.relative_width));
}

TEST(Calibrate, AZeroHeavyTargetNeedsRowsWithAnotherValue) {
  Sample sample = MakeSample(100, {}, 16);
  for (int i = 0; i < 71; ++i) sample.roi[i] = -1.0;
  const std::vector<double> gate(100, 0.0);
  Artifact artifact = PriceModel();
  artifact.target.kind = TargetKind::kZeroHeavy;
  artifact.target.rest = -1.0;
  ASSERT_TRUE(Calibrate({sample.raw, sample.roi, sample.predicted, {}, gate, 0}, TrainingSpec(), artifact).ok());
  EXPECT_FALSE(artifact.calibration.has_value());
  EXPECT_THAT(artifact.report.calibration.missing_because,
              HasSubstr("there are 29 rows with another value than -1 that a model predicted without having learnt"));
}

TEST(Calibrate, CopiesOfARowDoNotFeignCertainty) {
  // Each row thirty times: with the copies of a row on both sides, the head would seem to know its error.
  Sample sample = MakeSample(40, {}, 12), copied;
  copied.raw.resize(1200, 2);
  for (int i = 0; i < 1200; ++i) {
    copied.raw.row(i) = sample.raw.row(i % 40);
    copied.roi.push_back(sample.roi[i % 40]);
    copied.predicted.push_back(sample.predicted[i % 40]);
  }
  Artifact artifact = PriceModel();
  ASSERT_TRUE(CalibrateOn(copied, TrainingSpec(), artifact, 600).ok());
  EXPECT_LT(artifact.report.calibration.coverage, 1.0);
}

TEST(Calibrate, IsDeterministic) {
  const Sample sample = MakeSample(500, {.slope = 0.3}, 13);
  Artifact one = PriceModel(), two = PriceModel();
  ASSERT_TRUE(CalibrateOn(sample, TrainingSpec(), one, 400).ok());
  ASSERT_TRUE(CalibrateOn(sample, TrainingSpec(), two, 400).ok());
  EXPECT_EQ(SerializeArtifact(one), SerializeArtifact(two));
}

}  // namespace
}  // namespace roicast
