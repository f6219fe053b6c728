#include "model/training/reduction/distillation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/reduction/lessons.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Artifact> Distilled(const std::string& csv, TrainingSpec spec, const TrainModelInputs& inputs = {},
                                   TrainingObserver* observer = nullptr) {
  spec.extra.distill = true;
  return TrainModel(ReadCsvOrFail(csv), spec, inputs, observer);
}

// Slower than a student, and fast to train.
TrainingSpec TeacherSpec() {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.network.hidden = {72, 40};
  spec.preprocessing.ramps = 2;
  return spec;
}

TEST(MixRows, TakesWordsAndTimesFromOneOfTwoRowsAndNumbersFromBetween) {
  Schema schema;
  schema.features.resize(2);
  schema.features[1].kind = FeatureKind::kCategorical;
  RowMajorMatrix raw(3, 2);
  raw << 1.0f, 0.0f, 3.0f, 1.0f, std::nanf(""), 2.0f;
  const RowMajorMatrix mixed = MixRows(raw, schema, 7);
  ASSERT_EQ(mixed.rows(), 20'000);
  int between = 0, missing = 0;
  for (Eigen::Index i = 0; i < mixed.rows(); ++i) {
    const float number = mixed(i, 0), word = mixed(i, 1);
    EXPECT_TRUE(word == 0.0f || word == 1.0f || word == 2.0f) << word;
    missing += std::isnan(number);
    if (std::isnan(number)) continue;
    EXPECT_TRUE(number >= 1.0f && number <= 3.0f) << number;
    between += number != 1.0f && number != 3.0f;
  }
  // Two of nine pairs have different numbers, and half of these are mixed; a third of the numbers is missing.
  EXPECT_NEAR(between / 20'000.0, 1.0 / 9.0, 0.01);
  EXPECT_NEAR(missing / 20'000.0, 1.0 / 3.0, 0.01);
  EXPECT_NE(MixRows(raw, schema, 8)(0, 0), mixed(0, 0));
}

TEST(Distillation, ServesACompactNetworkThatPredictsAsItsTeacher) {
  const auto student = Distilled(SmallDatasetCsv(200), TeacherSpec());
  ASSERT_TRUE(student.ok()) << student.status();
  ASSERT_EQ(student->mlp.layers.size(), 3u);
  EXPECT_EQ(student->mlp.layers[0].outputs(), 64);
  EXPECT_EQ(student->mlp.layers[1].outputs(), 32);
  EXPECT_EQ(student->report.members, 1);
  EXPECT_EQ(student->report.parameter_count, student->mlp.parameter_count());
  EXPECT_EQ(student->report.refit_rows, 200);
  for (const FittedFeature& feature : student->features) EXPECT_LE(feature.ramps.size(), 1u + kStudentRamps);
  std::string compared;
  for (const DataWarning& warning : student->report.cleaning.warnings) compared += warning.message + "\n";
  EXPECT_THAT(compared, HasSubstr("a compact network that learnt from the rows themselves has R² 0."));
  ASSERT_EQ(student->report.reductions.size(), 1u);
  const ReductionReport& reduction = student->report.reductions[0];
  EXPECT_EQ(reduction.step, "distilled");
  EXPECT_GT(reduction.metric_before, 0.8);
  EXPECT_EQ(reduction.metric_after, student->report.holdout.model.roi.r2);
  EXPECT_EQ(reduction.multiplications_after, MultiplicationsOf(*student));
  EXPECT_LT(reduction.multiplications_after, reduction.multiplications_before);
  EXPECT_GT(reduction.metric_after, reduction.metric_before - 0.02);
  EXPECT_TRUE(student->calibration.has_value());
  EXPECT_TRUE(ParseArtifact(SerializeArtifact(*student)).ok());
}

TEST(Distillation, GivesTheSameBytesAfterResumingWithinTheStudent) {
  const std::string csv = SmallDatasetCsv(100);
  const auto whole = Distilled(csv, TeacherSpec());
  ASSERT_TRUE(whole.ok()) << whole.status();
  class StopsWhileDistilling : public TrainingObserver {
   public:
    void OnStep(absl::string_view step) override { distilling_ = step == "distilling"; }
    void OnEpoch(const EpochRecord&) override { epochs_ += distilling_; }
    TrainingSignal Poll() override { return epochs_ == 2 ? TrainingSignal::kCancel : TrainingSignal::kContinue; }
    bool WantsCheckpoint() const override { return epochs_ == 2; }
    void OnCheckpoint(const Checkpoint& latest) override { checkpoint = latest; }
    std::optional<Checkpoint> checkpoint;

   private:
    bool distilling_ = false;
    int epochs_ = 0;
  } observer;
  EXPECT_EQ(Distilled(csv, TeacherSpec(), {}, &observer).status().code(), absl::StatusCode::kCancelled);
  ASSERT_TRUE(observer.checkpoint.has_value());
  TrainModelInputs inputs;
  inputs.resume_from = &*observer.checkpoint;
  const auto resumed = Distilled(csv, TeacherSpec(), inputs);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(SerializeArtifact(*resumed) == SerializeArtifact(*whole));
}

// Steps, which only ramps follow, so that a plain network needs far more time than a student has.
TEST(Distillation, KeepsRampsIfTheyBringTheStudentNearer) {
  Random random(3);
  std::string csv = "a,b,roi\n";
  for (int i = 0; i < 400; ++i) {
    const double a = random.Uniform(0.0, 8.0), b = random.Uniform(0.0, 8.0);
    absl::StrAppend(&csv, a, ",", b, ",", std::abs(a - std::floor(a) - 0.5) + std::abs(b - std::floor(b) - 0.5), "\n");
  }
  TrainingSpec spec = TeacherSpec();
  spec.preprocessing.ramps = 16;
  const auto student = Distilled(csv, spec);
  ASSERT_TRUE(student.ok()) << student.status();
  ASSERT_EQ(student->report.reductions.size(), 1u);
  EXPECT_EQ(student->features[0].ramps.size(), 1u + kStudentRamps);
}

TEST(Distillation, ServesTheCompactPresetWhereTheStudentIsWorse) {
  // A teacher that can learn nothing: its dropout and weight decay are those of a linear model, whatever the law.
  TrainingSpec spec = TeacherSpec();
  const std::string csv = SmallDatasetCsv(300);
  spec.choose_capacity = false;
  spec.training.epochs = 1;
  spec.training.warmup_epochs = 0;
  spec.training.learning_rate = 1e-5;
  const auto artifact = Distilled(csv, spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_TRUE(artifact->report.reductions.empty());
  EXPECT_GT(artifact->report.holdout.model.roi.r2, 0.8);
  EXPECT_EQ(artifact->report.refit_rows, 300);
  std::string said;
  for (const DataWarning& warning : artifact->report.cleaning.warnings) said += warning.message + "\n";
  EXPECT_THAT(said, HasSubstr("nothing was distilled: on the holdout the student has "));
  EXPECT_THAT(said, HasSubstr(": that one serves; what would have taught the student has "));
}

TEST(Distillation, LeavesAModelThatIsNoSlowerAsItIs) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.network.hidden = {16, 8};
  const auto artifact = Distilled(SmallDatasetCsv(200), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_TRUE(artifact->report.reductions.empty());
  EXPECT_EQ(artifact->mlp.layers[0].outputs(), 16);
  bool said = false;
  for (const DataWarning& warning : artifact->report.cleaning.warnings) {
    said = said || warning.message.find("nothing was distilled: the model needs ") == 0;
  }
  EXPECT_TRUE(said);
}

TEST(Distillation, LearnsTheProbabilitiesOfATwoValuedTarget) {
  Random random(11);
  std::string csv = "a,b,bought\n";
  for (int i = 0; i < 600; ++i) {
    const double a = random.Uniform(-2.0, 2.0), b = random.Uniform(-2.0, 2.0);
    const double p = 1.0 / (1.0 + std::exp(-4.0 * std::sin(2.0 * a) * b));
    absl::StrAppend(&csv, a, ",", b, ",", random.Uniform() < p ? "yes" : "no", "\n");
  }
  TrainingSpec spec = TeacherSpec();
  spec.target.column = "bought";
  const auto student = Distilled(csv, spec);
  ASSERT_TRUE(student.ok()) << student.status();
  ASSERT_EQ(student->report.reductions.size(), 1u);
  EXPECT_EQ(student->target.kind, TargetKind::kTwoValued);
  EXPECT_GT(student->report.reductions[0].metric_before, 0.8);
  EXPECT_NEAR(student->report.reductions[0].metric_after, student->report.reductions[0].metric_before, 0.02);
}

}  // namespace
}  // namespace roicast
