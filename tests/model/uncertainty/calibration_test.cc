#include "model/uncertainty/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/random.h"
#include "model/artifact/artifact.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

Artifact Calibrated() {
  Random random(11);
  Artifact artifact = testing::MakeArtifact({}, random);
  testing::AddGoldenRows(16, random, artifact);
  Calibration& calibration = artifact.calibration.emplace();
  DenseLayer& head = calibration.log_scale.emplace();
  head.weights = RowMajorMatrix::Constant(1, 5, 0.5f);
  head.biases = Eigen::VectorXf::Constant(1, -1.0f);
  for (const Feature& feature : artifact.schema.features) {
    if (feature.kind == FeatureKind::kCategorical) calibration.group_feature = feature.name;
  }
  calibration.groups = {{-1, 3, {-1.0f, 0.0f, 2.0f}}, {0, 2, {-1.0f, 0.5f}}};
  return artifact;
}

TEST(Calibration, SurvivesTheArtifactFile) {
  const Artifact artifact = Calibrated();
  const auto read = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->calibration.has_value());
  EXPECT_EQ(read->calibration->group_feature, artifact.calibration->group_feature);
  ASSERT_EQ(read->calibration->groups.size(), 2u);
  EXPECT_EQ(read->calibration->groups[0].scores, artifact.calibration->groups[0].scores);
  EXPECT_EQ(read->calibration->groups[1].code, 0);
  EXPECT_EQ(read->calibration->groups[1].rows, 2);
  EXPECT_EQ(read->calibration->log_scale->weights, artifact.calibration->log_scale->weights);
  EXPECT_EQ(read->calibration->log_scale->biases, artifact.calibration->log_scale->biases);
  EXPECT_EQ(SerializeArtifact(*read), SerializeArtifact(artifact));
}

TEST(Calibration, BinsOfATwoValuedTargetSurviveTheArtifactFile) {
  Artifact artifact = Calibrated();
  artifact.calibration.emplace().bins = {{0.2f, 50, 4}, {0.9f, 60, 44}};
  const auto read = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->calibration->bins.size(), 2u);
  EXPECT_EQ(read->calibration->bins[1].up_to, 0.9f);
  EXPECT_EQ(read->calibration->bins[1].rows, 60);
  EXPECT_EQ(read->calibration->bins[1].positives, 44);
}

Artifact CalibratedZeroHeavy() {
  Random random(12);
  Artifact artifact = testing::MakeArtifact({.kind = TargetKind::kZeroHeavy}, random);
  testing::AddGoldenRows(16, random, artifact);
  Calibration& calibration = artifact.calibration.emplace();
  calibration.groups = {{-1, 3, {-1.0f, 0.0f, 2.0f}}};
  calibration.levels = {-1, 4, {0.0f, 0.25f, 0.5f, 1.0f}};
  return artifact;
}

TEST(Calibration, LevelsOfAZeroHeavyTargetSurviveTheArtifactFile) {
  const Artifact artifact = CalibratedZeroHeavy();
  const auto read = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->calibration->levels.has_value());
  EXPECT_EQ(read->calibration->levels->scores, artifact.calibration->levels->scores);
  EXPECT_EQ(read->calibration->levels->rows, 4);
  EXPECT_EQ(SerializeArtifact(*read), SerializeArtifact(artifact));
}

TEST(Calibration, HostileLevelsAreRefusedByName) {
  const auto message = [](Artifact artifact, const std::function<void(Artifact&)>& change) {
    change(artifact);
    const absl::Status status = ParseArtifact(SerializeArtifact(artifact)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  const Artifact artifact = CalibratedZeroHeavy();
  EXPECT_THAT(message(artifact, [](Artifact& a) { a.calibration->levels.reset(); }),
              HasSubstr("calibration.levels: expected those of a zero-heavy target, or of shapes, got none"));
  EXPECT_THAT(message(artifact, [](Artifact& a) { a.calibration->levels->scores.back() = 1.5f; }),
              HasSubstr("calibration.levels.scores: expected probabilities from 0 to 1, got some from 0 to 1.5"));
  EXPECT_THAT(message(artifact, [](Artifact& a) { a.calibration->levels->scores[1] = NAN; }),
              HasSubstr("calibration.levels.scores: expected finite numbers"));
  EXPECT_THAT(
      message(artifact,
              [](Artifact& a) { std::swap(a.calibration->levels->scores[1], a.calibration->levels->scores[2]); }),
      HasSubstr("calibration.levels.scores: expected ascending numbers"));
  EXPECT_THAT(message(artifact, [](Artifact& a) { a.calibration->levels->rows = 5; }),
              HasSubstr("calibration.levels.rows: expected the number of its scores, 4, got 5"));
  EXPECT_THAT(message(artifact, [](Artifact& a) { a.calibration->levels->code = 0; }),
              HasSubstr("calibration.levels.code: expected -1, got 0"));
  EXPECT_THAT(message(artifact, [](Artifact& a) { a.calibration->levels->scores.clear(); }),
              HasSubstr("calibration.levels.scores: expected 1 to 1024, got 0"));
  EXPECT_THAT(message(artifact,
                      [](Artifact& a) {
                        a.calibration.emplace().bins = {{0.5f, 3, 1}};
                      }),
              HasSubstr("calibration.levels: expected those of a zero-heavy target, or of shapes, got none"));
  EXPECT_THAT(
      message(Calibrated(),
              [](Artifact& a) {
                a.calibration->levels = {-1, 1, {0.5f}};
              }),
      HasSubstr("calibration.levels: expected none unless the target is zero-heavy or there are shapes, got some"));
}

Artifact CalibratedByShapes() {
  Artifact artifact = Calibrated();
  Calibration& calibration = *artifact.calibration;
  calibration.groups.resize(1);
  calibration.group_feature = "";
  calibration.shapes = {{-1, 2, {-1.0f, 0.5f}, -3.0f}, {-1, 3, {-1.0f, 0.0f, 2.0f}, 0.5f}};
  calibration.levels = {-1, 2, {0.25f, 0.75f}};
  return artifact;
}

TEST(Calibration, ShapesSurviveTheArtifactFile) {
  const Artifact artifact = CalibratedByShapes();
  const auto read = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->calibration->shapes.size(), 2u);
  EXPECT_EQ(read->calibration->shapes[0].location, -3.0f);
  EXPECT_EQ(read->calibration->shapes[1].scores, artifact.calibration->shapes[1].scores);
  EXPECT_EQ(SerializeArtifact(*read), SerializeArtifact(artifact));
}

TEST(Calibration, HostileShapesAreRefusedByName) {
  const auto message = [](const std::function<void(Calibration&)>& change) {
    Artifact artifact = CalibratedByShapes();
    change(*artifact.calibration);
    const absl::Status status = ParseArtifact(SerializeArtifact(artifact)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(message([](Calibration& c) { c.levels.reset(); }),
              HasSubstr("calibration.levels: expected those of a zero-heavy target, or of shapes, got none"));
  EXPECT_THAT(message([](Calibration& c) { c.shapes.resize(1); }),
              HasSubstr("calibration.shapes: expected none, or 2 to 16, got 1"));
  EXPECT_THAT(message([](Calibration& c) { c.shapes.resize(17, c.shapes[0]); }),
              HasSubstr("calibration.shapes: expected none, or 2 to 16, got 17"));
  EXPECT_THAT(message([](Calibration& c) { c.shapes[1].location = -3.0f; }),
              HasSubstr("calibration.shapes[1].location: expected ascending numbers, got -3"));
  EXPECT_THAT(message([](Calibration& c) { c.shapes[0].location = NAN; }),
              HasSubstr("calibration.shapes[0].location: expected ascending numbers, got nan"));
  EXPECT_THAT(message([](Calibration& c) { c.shapes[1].code = 0; }),
              HasSubstr("calibration.shapes[1].code: expected -1, got 0"));
  EXPECT_THAT(message([](Calibration& c) { c.shapes[1].scores.clear(); }),
              HasSubstr("calibration.shapes[1].scores: expected 1 to 1024, got 0"));
  EXPECT_THAT(message([](Calibration& c) { c.shapes[1].scores[0] = INFINITY; }),
              HasSubstr("calibration.shapes[1].scores: expected finite numbers"));
  EXPECT_THAT(message([](Calibration& c) { c.group_feature = "x"; }),
              HasSubstr("calibration.shapes: expected none beside a group_feature, got some"));
}

TEST(Calibration, AnArtifactWithoutOneHasNone) {
  Artifact artifact = Calibrated();
  artifact.calibration.reset();
  const auto read = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->calibration.has_value());
}

TEST(Calibration, HostileValuesAreRefusedByName) {
  const auto message = [](const std::function<void(Artifact&)>& change) {
    Artifact artifact = Calibrated();
    change(artifact);
    const absl::Status status = ParseArtifact(SerializeArtifact(artifact)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(message([](Artifact& a) { a.calibration->groups.clear(); }),
              HasSubstr("calibration.groups: expected one of all rows, got none"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->groups[0].code = 3; }),
              HasSubstr("calibration.groups[0].code: expected -1, got 3"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->groups[1].code = -1; }),
              HasSubstr("calibration.groups[1].code: expected ascending codes, got -1"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->groups[1].code = 1'000'000; }),
              HasSubstr("calibration.groups: expected codes below "));
  EXPECT_THAT(message([](Artifact& a) {
                a.calibration->groups[0].scores = {1.0f, 0.0f, 2.0f};
              }),
              HasSubstr("calibration.groups[0].scores: expected ascending numbers"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->groups[0].scores[2] = INFINITY; }),
              HasSubstr("calibration.groups[0].scores: expected finite numbers"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->groups[0].rows = 4; }),
              HasSubstr("calibration.groups[0].rows: expected the number of its scores, 3, got 4"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->group_feature = "no such"; }),
              HasSubstr("calibration.group_feature: expected a categorical feature, got \"no such\""));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->group_feature = ""; }),
              HasSubstr("calibration.group_feature: expected a feature, got none"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->log_scale->weights.resize(1, 4); }),
              HasSubstr("calibration.log_scale: expected 5 inputs, as the last hidden layer has units, and 1 output"));
  EXPECT_THAT(message([](Artifact& a) { a.calibration->log_scale->weights(0, 1) = NAN; }),
              HasSubstr("calibration.log_scale: expected finite numbers"));
  EXPECT_THAT(message([](Artifact& a) {
                a.calibration->bins = {{0.5f, 3, 1}};
              }),
              HasSubstr("calibration.bins: expected neither groups, levels nor log_scale beside them"));
  EXPECT_THAT(message([](Artifact& a) {
                a.calibration.emplace().bins = {{0.5f, 3, 4}};
              }),
              HasSubstr("calibration.bins[0]: expected 1 row or more, and 0 to as many positives"));
  EXPECT_THAT(message([](Artifact& a) {
                a.calibration.emplace().bins = {{0.5f, 3, 1}, {0.4f, 3, 1}};
              }),
              HasSubstr("calibration.bins[1].up_to: expected ascending numbers, got 0.4"));
}

}  // namespace
}  // namespace roicast
