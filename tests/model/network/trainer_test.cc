#include "model/network/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "model/network/initialization.h"
#include "model/network/reference/reference_network.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

struct Data {
  RowMajorMatrix x;
  std::vector<float> y, weights;

  TrainingRows rows() const { return {&x, y, weights}; }
};

// y = 0.6 x₀ − 0.5 x₁ x₂ + noise, of variance about 0.6.
Data MakeData(int rows, int inputs, uint64_t seed, double noise = 0.05) {
  Random random(seed);
  Data data{RowMajorMatrix(rows, inputs), std::vector<float>(rows), {}};
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < inputs; ++j) data.x(i, j) = static_cast<float>(random.Normal());
    data.y[i] = static_cast<float>(0.6 * data.x(i, 0) - 0.5 * data.x(i, 1) * data.x(i, 2) + noise * random.Normal());
  }
  return data;
}

constexpr TrainingRows kNone;

TrainingOptions Quick(int epochs) {
  TrainingOptions options;
  options.epochs = epochs;
  options.learning_rate = 5e-3;
  return options;
}

void ExpectSameWeights(const Mlp& a, const Mlp& b) {
  ASSERT_EQ(a.Describe(), b.Describe());
  for (size_t l = 0; l < a.layers.size(); ++l) {
    EXPECT_EQ(a.layers[l].weights, b.layers[l].weights) << "layer " << l;
    EXPECT_EQ(a.layers[l].biases, b.layers[l].biases) << "layer " << l;
  }
}

// y is 1 with the probability 1 / (1 + e^−z), z = 1.5 x₀ − 0.5.
Data MakeTwoValued(int rows, uint64_t seed) {
  Random random(seed);
  Data data{RowMajorMatrix(rows, 2), std::vector<float>(rows), {}};
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < 2; ++j) data.x(i, j) = static_cast<float>(random.Normal());
    data.y[i] = random.Uniform() < 1.0 / (1.0 + std::exp(0.5 - 1.5 * data.x(i, 0))) ? 1.0f : 0.0f;
  }
  return data;
}

TrainingOptions Logistic(int epochs) {
  TrainingOptions options = Quick(epochs);
  options.loss = Loss::kLogistic;
  options.schedule = Schedule::kCosine;
  return options;
}

TEST(Train, LogisticLossLearnsTheLogOfTheOdds) {
  const Data train = MakeTwoValued(20000, 31), validation = MakeTwoValued(4000, 32);
  const auto result = Train(train.rows(), validation.rows(), {}, Logistic(20), {});
  ASSERT_TRUE(result.ok()) << result.status();
  const DenseLayer& layer = result->mlp.layers[0];
  EXPECT_NEAR(layer.weights(0, 0), 1.5, 0.06);
  EXPECT_NEAR(layer.weights(0, 1), 0.0, 0.06);
  EXPECT_NEAR(layer.biases[0], -0.5, 0.06);
  // 1 − deviance / deviance of the base rate.
  EXPECT_NEAR(result->history.back().validation_r2, 0.24, 0.03);
}

TEST(Train, OffsetsLeaveTheRestToTheNetwork) {
  const Data train = MakeTwoValued(20000, 33);
  std::vector<float> offsets;
  for (Eigen::Index i = 0; i < train.x.rows(); ++i) offsets.push_back(1.5f * train.x(i, 0));
  TrainingRows rows = train.rows();
  rows.offsets = offsets;
  const auto result = Train(rows, kNone, {}, Logistic(20), {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NEAR(result->mlp.layers[0].weights(0, 0), 0.0, 0.06);
  EXPECT_NEAR(result->mlp.layers[0].biases[0], -0.5, 0.06);
  // Of a squared error, offsets and residuals are the same.
  Data residuals = train;
  for (size_t i = 0; i < offsets.size(); ++i) residuals.y[i] -= offsets[i];
  const auto with = Train(rows, kNone, {}, Quick(3), {}), without = Train(residuals.rows(), kNone, {}, Quick(3), {});
  ASSERT_TRUE(with.ok() && without.ok());
  EXPECT_LT((with->mlp.layers[0].weights - without->mlp.layers[0].weights).cwiseAbs().maxCoeff(), 1e-4f);
}

TEST(Train, HiddenInputsHaveNoWeights) {
  const Data train = MakeData(200, 4, 1);
  TrainingRows rows = train.rows();
  LinearInput hidden;
  hidden.hidden = {1, 2};
  rows.linear_input = &hidden;
  const NetworkOptions network{{8}, Activation::kSilu, 0.0};
  const auto result = Train(rows, kNone, network, Quick(3), {});
  ASSERT_TRUE(result.ok()) << result.status();
  const RowMajorMatrix& weights = result->mlp.layers[0].weights;
  EXPECT_EQ(weights.col(1).cwiseAbs().maxCoeff(), 0.0f);
  EXPECT_EQ(weights.col(2).cwiseAbs().maxCoeff(), 0.0f);
  EXPECT_GT(weights.col(0).cwiseAbs().minCoeff(), 0.0f);
  // Whatever they are, the rest learns the same.
  Data other = train;
  other.x.col(1).setConstant(7.0f);
  TrainingRows other_rows = other.rows();
  other_rows.linear_input = &hidden;
  EXPECT_EQ(Train(other_rows, kNone, network, Quick(3), {})->mlp.layers[0].weights, weights);
  hidden.hidden = {4};
  EXPECT_EQ(Train(rows, kNone, network, Quick(3), {}).status().message(),
            "train.linear_input: expected inputs from 0 to 3, got 4");
}

TEST(Train, RefusesTruthsAndOffsetsThatTheLossCannotTake) {
  Data train = MakeTwoValued(50, 34);
  std::vector<float> offsets(49);
  TrainingRows rows = train.rows();
  rows.offsets = offsets;
  EXPECT_EQ(Train(rows, kNone, {}, Logistic(1), {}).status().message(), "train.offsets: expected 50 values, got 49");
  train.y[7] = 2.0f;
  EXPECT_EQ(Train(train.rows(), kNone, {}, Logistic(1), {}).status().message(), "train.y[7]: expected 0 to 1, got 2");
}

TEST(Train, LearnsANonLinearFunction) {
  const Data train = MakeData(2000, 4, 1), validation = MakeData(500, 4, 2);
  const auto result = Train(train.rows(), validation.rows(), {{16, 16}, Activation::kSilu, 0.0}, Quick(60), {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->mlp.Describe(), "4 → 16 SiLU → 16 SiLU → 1");
  EXPECT_EQ(result->epochs_run, 60);
  EXPECT_EQ(result->stop_reason, "all epochs");
  ASSERT_EQ(result->history.size(), 60u);
  EXPECT_GT(result->history[result->best_epoch - 1].validation_r2, 0.98);
  EXPECT_LT(result->history.back().train_loss, 0.1 * result->history.front().train_loss);
}

TEST(Train, LinearNetworkFindsTheLeastSquaresSolution) {
  Data train = MakeData(512, 3, 3, 0.0);
  for (int i = 0; i < 512; ++i) train.y[i] = 0.25f + 0.5f * train.x(i, 0) - 2.0f * train.x(i, 2);
  TrainingOptions options = Quick(300);
  options.optimizer = Optimizer::kSgd;
  options.learning_rate = 0.02;
  const auto result = Train(train.rows(), kNone, {}, options, {});
  ASSERT_TRUE(result.ok()) << result.status();
  const DenseLayer& layer = result->mlp.layers.at(0);
  EXPECT_NEAR(layer.weights(0, 0), 0.5, 1e-4);
  EXPECT_NEAR(layer.weights(0, 1), 0.0, 1e-4);
  EXPECT_NEAR(layer.weights(0, 2), -2.0, 1e-4);
  EXPECT_NEAR(layer.biases[0], 0.25, 1e-4);
}

// Full batches without dropout, so that the plain path can follow.
TEST(Train, FollowsTheReferenceStepByStep) {
  Data train = MakeData(300, 6, 4);
  Random weights(5);
  for (int i = 0; i < 300; ++i) train.weights.push_back(static_cast<float>(weights.Uniform(0.1, 3.0)));
  for (const Optimizer optimizer : {Optimizer::kSgd, Optimizer::kAdam, Optimizer::kAdamW}) {
    TrainingOptions options = Quick(40);
    options.optimizer = optimizer;
    options.batch_size = 0;
    options.l1 = 1e-3;
    options.l2 = 1e-2;
    options.weight_decay = optimizer == Optimizer::kAdamW ? 0.1 : 0.0;
    options.gradient_clip_norm = 0.5;
    const NetworkOptions network{{12, 7}, Activation::kTanh, 0.0};
    Random random(options.seed);
    const Mlp start = RandomMlp(6, network, random);
    const auto result = Train(train.rows(), kNone, network, options, {});
    ASSERT_TRUE(result.ok()) << result.status();

    ReferenceNetwork plain = ToReference(start);
    ReferenceBatch batch;
    batch.x = train.x.cast<double>();
    batch.y = Eigen::Map<const Eigen::VectorXf>(train.y.data(), 300).cast<double>();
    batch.weights = Eigen::Map<const Eigen::VectorXf>(train.weights.data(), 300).cast<double>();
    batch.weights /= batch.weights.mean();
    ReferenceOptimizer steps(plain, options);
    TrainingOptions without_penalties = options;
    without_penalties.l1 = without_penalties.l2 = 0.0;
    for (int epoch = 0; epoch < 40; ++epoch) {
      ASSERT_NEAR(result->history[epoch].train_loss, ReferenceObjective(plain, batch, without_penalties), 1e-4)
          << "optimizer " << static_cast<int>(optimizer) << ", epoch " << epoch + 1;
      steps.Step(plain, ReferenceGradient(plain, batch, options), options.learning_rate);
    }
    for (size_t l = 0; l < plain.size(); ++l) {
      EXPECT_LT((result->mlp.layers[l].weights.cast<double>() - plain[l].weights).cwiseAbs().maxCoeff(), 1e-3);
    }
  }
}

TEST(Train, SameSeedGivesTheSameBitsAndAnotherSeedDoesNot) {
  const Data train = MakeData(333, 5, 6);
  const NetworkOptions network{{5}, Activation::kRelu, 0.5};
  TrainingOptions options = Quick(5);
  const auto a = Train(train.rows(), kNone, network, options, {});
  const auto b = Train(train.rows(), kNone, network, options, {});
  options.seed = 43;
  const auto c = Train(train.rows(), kNone, network, options, {});
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  ExpectSameWeights(a->mlp, b->mlp);
  EXPECT_NE(a->mlp.layers[0].weights, c->mlp.layers[0].weights);
}

TEST(Train, ResumedRunIsBitIdenticalToAnUninterruptedOne) {
  const Data train = MakeData(333, 5, 6), validation = MakeData(100, 5, 7);
  const NetworkOptions network{{9, 5}, Activation::kGelu, 0.3};
  for (const Optimizer optimizer : {Optimizer::kSgd, Optimizer::kAdamW}) {
    TrainingOptions options = Quick(12);
    options.optimizer = optimizer;
    options.schedule = Schedule::kCosine;
    const auto whole = Train(train.rows(), validation.rows(), network, options, {});
    ASSERT_TRUE(whole.ok()) << whole.status();

    ScriptedObserver interrupted;
    interrupted.CancelAfterEpoch(5);
    EXPECT_EQ(Train(train.rows(), validation.rows(), network, options, {}, &interrupted).status(),
              absl::CancelledError("cancelled after epoch 5"));
    ASSERT_TRUE(interrupted.checkpoint.has_value());
    EXPECT_EQ(interrupted.checkpoint->epoch, 5);

    ScriptedObserver resumed;
    const auto rest =
        Train(train.rows(), validation.rows(), network, options, {.resume_from = &*interrupted.checkpoint}, &resumed);
    ASSERT_TRUE(rest.ok()) << rest.status();
    EXPECT_EQ(resumed.epochs, (std::vector<int>{6, 7, 8, 9, 10, 11, 12}));
    ExpectSameWeights(whole->mlp, rest->mlp);
    EXPECT_EQ(rest->best_epoch, whole->best_epoch);
    ASSERT_EQ(rest->history.size(), 12u);
    for (int i = 0; i < 12; ++i) {
      EXPECT_EQ(rest->history[i].train_loss, whole->history[i].train_loss);
      EXPECT_EQ(rest->history[i].validation_loss, whole->history[i].validation_loss);
    }
  }
}

// A stop within an epoch once lost all since the last timed checkpoint, or everything in the first epoch.
TEST(Train, ResumesFromTheMiddleOfAnEpochWithTheSameResult) {
  const Data train = MakeData(60'000, 4, 14), validation = MakeData(50, 4, 15);
  const NetworkOptions network{{6}, Activation::kSilu, 0.2};
  const auto whole = Train(train.rows(), validation.rows(), network, Quick(3), {});
  ASSERT_TRUE(whole.ok()) << whole.status();
  // An epoch polls three times within and once at its end.
  for (const int stop_at : {1, 2, 6}) {
    ScriptedObserver interrupted;
    interrupted.CancelAtPoll(stop_at);
    EXPECT_EQ(Train(train.rows(), validation.rows(), network, Quick(3), {}, &interrupted).status().code(),
              absl::StatusCode::kCancelled);
    ASSERT_TRUE(interrupted.checkpoint.has_value());
    EXPECT_EQ(interrupted.checkpoint->epoch, (stop_at - 1) / 4);
    EXPECT_GT(interrupted.checkpoint->steps_of_next, 0);

    const auto rest =
        Train(train.rows(), validation.rows(), network, Quick(3), {.resume_from = &*interrupted.checkpoint});
    ASSERT_TRUE(rest.ok()) << rest.status();
    ExpectSameWeights(whole->mlp, rest->mlp);
    ASSERT_EQ(rest->history.size(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(rest->history[i].train_loss, whole->history[i].train_loss);
  }
}

// A step of a large network takes seconds: it is interrupted between its layers, and counts for nothing.
TEST(Train, ResumesFromTheMiddleOfAStepWithTheSameResult) {
  const Data train = MakeData(150, 4, 14), validation = MakeData(140, 4, 15);
  const NetworkOptions network{{1024, 1024}, Activation::kSilu, 0.2};
  TrainingOptions options = Quick(2);
  options.batch_size = 130;
  ScriptedObserver watching;
  const auto whole = Train(train.rows(), validation.rows(), network, options, {}, &watching);
  ASSERT_TRUE(whole.ok()) << whole.status();
  // Of two epochs with two steps each, and their validations.
  EXPECT_GE(watching.polls, 30);
  const int per_epoch = watching.polls / 2;
  // Within the first step, in the middle, in a validation, and in the second epoch.
  for (const int stop_at : {1, 4, per_epoch / 2, per_epoch - 1, per_epoch + 3, watching.polls - 2}) {
    ScriptedObserver interrupted;
    interrupted.CancelAtPoll(stop_at);
    EXPECT_EQ(Train(train.rows(), validation.rows(), network, options, {}, &interrupted).status().code(),
              absl::StatusCode::kCancelled)
        << stop_at;
    EXPECT_EQ(interrupted.polls, stop_at);
    ASSERT_TRUE(interrupted.checkpoint.has_value());
    const auto rest =
        Train(train.rows(), validation.rows(), network, options, {.resume_from = &*interrupted.checkpoint});
    ASSERT_TRUE(rest.ok()) << rest.status();
    ExpectSameWeights(whole->mlp, rest->mlp);
    ASSERT_EQ(rest->history.size(), 2u);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(rest->history[i].train_loss, whole->history[i].train_loss);
      EXPECT_EQ(rest->history[i].validation_loss, whole->history[i].validation_loss);
      EXPECT_EQ(rest->history[i].learning_rate, whole->history[i].learning_rate);
    }
  }
}

TEST(Train, CheckpointOfOtherDataOrOptionsIsRefused) {
  const Data train = MakeData(64, 4, 1), other = MakeData(64, 4, 2);
  ScriptedObserver observer;
  observer.wants_checkpoint = true;
  ASSERT_TRUE(Train(train.rows(), kNone, {{3}}, Quick(2), {}, &observer).ok());
  ASSERT_TRUE(observer.checkpoint.has_value());
  const TrainingStart resumed{.resume_from = &*observer.checkpoint};
  const absl::Status expected =
      absl::InvalidArgumentError("checkpoint: it belongs to a run with other data or options");
  EXPECT_EQ(Train(other.rows(), kNone, {{3}}, Quick(2), resumed).status(), expected);
  EXPECT_EQ(Train(train.rows(), kNone, {{3}}, Quick(3), resumed).status(), expected);
  EXPECT_EQ(Train(train.rows(), kNone, {{4}}, Quick(2), resumed).status(), expected);
}

TEST(Train, StopsEarlyAndRestoresTheBestEpoch) {
  // Noise alone: the validation loss cannot keep falling.
  Data train = MakeData(60, 8, 8), validation = MakeData(60, 8, 9);
  Random random(10);
  for (float& y : train.y) y = static_cast<float>(random.Normal());
  for (float& y : validation.y) y = static_cast<float>(random.Normal());
  TrainingOptions options = Quick(500);
  options.patience = 7;
  options.restore_best = false;  // implied by patience
  const auto result = Train(train.rows(), validation.rows(), {{32}}, options, {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->stop_reason, "early stopping");
  EXPECT_LT(result->epochs_run, 500);
  EXPECT_EQ(result->epochs_run, result->best_epoch + 7);
  double sse = 0.0;
  for (int i = 0; i < 60; ++i) {
    const double error = result->mlp.Evaluate(validation.x.row(i).data()) - validation.y[i];
    sse += error * error;
  }
  const double best_loss = result->history[result->best_epoch - 1].validation_loss;
  EXPECT_NEAR(sse / 60, best_loss, 1e-5);
  for (const EpochRecord& record : result->history) EXPECT_GE(record.validation_loss, best_loss);
}

TEST(Train, WithoutRestoreKeepsTheLastWeights) {
  const Data train = MakeData(60, 8, 8), validation = MakeData(60, 8, 9);
  TrainingOptions options = Quick(6);
  options.restore_best = false;
  const auto with = Train(train.rows(), validation.rows(), {{8}}, options, {});
  const auto without_validation = Train(train.rows(), kNone, {{8}}, options, {});
  ASSERT_TRUE(with.ok() && without_validation.ok());
  ExpectSameWeights(with->mlp, without_validation->mlp);
  EXPECT_EQ(with->best_epoch, 6);
  EXPECT_TRUE(std::isnan(without_validation->history[0].validation_loss));
}

TEST(Train, WarmStartContinuesFromGivenWeights) {
  const Data train = MakeData(400, 4, 11);
  const NetworkOptions network{{12}, Activation::kSilu, 0.0};
  const auto first = Train(train.rows(), kNone, network, Quick(40), {});
  ASSERT_TRUE(first.ok());
  const auto second = Train(train.rows(), kNone, network, Quick(1), {.warm_start = &first->mlp});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_LT(second->history[0].train_loss, 2 * first->history.back().train_loss);
  EXPECT_LT(second->history[0].train_loss, 0.1 * first->history[0].train_loss);
}

TEST(Train, WarmStartOfAnotherShapeIsRefused) {
  const Data train = MakeData(40, 4, 11);
  Random random(1);
  const Mlp other = RandomMlp(4, {{6}, Activation::kRelu, 0.0}, random);
  EXPECT_EQ(
      Train(train.rows(), kNone, {{5}, Activation::kSilu, 0.0}, Quick(1), {.warm_start = &other}).status(),
      absl::InvalidArgumentError("warm_start: expected a network of the shape 4 → 5 SiLU → 1, got 4 → 6 ReLU → 1"));
}

TEST(Train, DivergenceIsAFailureThatNamesTheEpoch) {
  const Data train = MakeData(200, 4, 12);
  TrainingOptions options = Quick(50);
  options.optimizer = Optimizer::kSgd;
  options.learning_rate = 1e3;
  const absl::Status status = Train(train.rows(), kNone, {{8}}, options, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("training diverged in epoch 1: the loss is "));
  EXPECT_THAT(status.message(), HasSubstr("lower learning_rate (now 1000) or set gradient_clip_norm"));
}

// No NaN, but all units dead: such a constant was once published.
TEST(Train, ALossThatRisesAndEndsAtAConstantsIsAFailure) {
  const Data train = MakeData(400, 4, 12);
  TrainingOptions options = Quick(40);
  options.optimizer = Optimizer::kSgd;
  options.learning_rate = 100;
  options.gradient_clip_norm = 1;
  options.schedule = Schedule::kCosine;
  const absl::Status status = Train(train.rows(), kNone, {{8}, Activation::kRelu, 0.0}, options, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("training diverged in epoch "));
}

// Training on noise ends at a constant, which is not divergence.
TEST(Train, AConstantFittedToNoiseIsAModel) {
  Data train = MakeData(400, 4, 12);
  Random random(3);
  for (float& y : train.y) y = static_cast<float>(random.Normal());
  TrainingOptions options = Quick(40);
  const auto result = Train(train.rows(), kNone, {{8}, Activation::kRelu, 0.5}, options, {});
  EXPECT_TRUE(result.ok()) << result.status();
}

TEST(Train, CancelsBetweenEpochs) {
  const Data train = MakeData(100, 4, 13);
  ScriptedObserver observer;
  observer.CancelAfterEpoch(3);
  EXPECT_EQ(Train(train.rows(), kNone, {{4}}, Quick(100), {}, &observer).status(),
            absl::CancelledError("cancelled after epoch 3"));
}

TEST(Train, CancelsWithinALongEpoch) {
  const Data train = MakeData(100'000, 4, 14);
  ScriptedObserver observer;
  observer.CancelAtPoll(2);
  EXPECT_EQ(Train(train.rows(), kNone, {{4}}, Quick(100), {}, &observer).status(),
            absl::CancelledError("cancelled in epoch 1"));
  EXPECT_EQ(observer.polls, 2);
}

TEST(Train, TimeLimitEndsTrainingWithTheCompletedEpochs) {
  const Data train = MakeData(100, 4, 15), validation = MakeData(50, 4, 16);
  ScriptedObserver observer;
  observer.signal = [&] {
    return observer.epochs.size() == 5 ? TrainingSignal::kTimeLimit : TrainingSignal::kContinue;
  };
  const auto result = Train(train.rows(), validation.rows(), {{4}}, Quick(100), {}, &observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->stop_reason, "time limit");
  EXPECT_EQ(result->epochs_run, 5);
}

TEST(Train, ATimeLimitWithinAnEpochDiscardsThatEpoch) {
  const Data train = MakeData(100'000, 4, 14), validation = MakeData(50, 4, 16);
  ScriptedObserver observer;
  // The second poll of the second epoch.
  observer.signal = [&] { return observer.polls == 9 ? TrainingSignal::kTimeLimit : TrainingSignal::kContinue; };
  const auto result = Train(train.rows(), validation.rows(), {{4}}, Quick(100), {}, &observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->stop_reason, "time limit");
  EXPECT_EQ(result->epochs_run, 1);
  EXPECT_EQ(observer.polls, 9);
}

TEST(Train, RowsOfWeightZeroCountForNothing) {
  Data some = MakeData(128, 4, 17), all = some;
  // Twice the rows; the second half has weight 0 and nonsense for y.
  all.x.conservativeResize(256, 4);
  all.x.bottomRows(128).setConstant(3.0f);
  all.y.resize(256, 100.0f);
  all.weights.assign(128, 1.0f);
  all.weights.resize(256, 0.0f);
  TrainingOptions options = Quick(30);
  options.batch_size = 0;
  const auto a = Train(some.rows(), kNone, {{6}, Activation::kTanh, 0.0}, options, {});
  const auto b = Train(all.rows(), kNone, {{6}, Activation::kTanh, 0.0}, options, {});
  ASSERT_TRUE(a.ok() && b.ok());
  // Weights are relative to their mean: 2 for half of twice the rows, which is the same mean.
  EXPECT_NEAR(a->history.back().train_loss, b->history.back().train_loss, 1e-4);
}

TEST(Train, RecordsTheLearningRateOfItsSchedule) {
  const Data train = MakeData(64, 4, 18);
  TrainingOptions options = Quick(4);
  options.learning_rate = 0.1;
  options.schedule = Schedule::kCosine;
  options.warmup_epochs = 2;
  const auto result = Train(train.rows(), kNone, {{3}}, options, {});
  ASSERT_TRUE(result.ok());
  EXPECT_NEAR(result->history[0].learning_rate, 0.05, 1e-12);
  EXPECT_NEAR(result->history[1].learning_rate, 0.1, 1e-12);
  EXPECT_NEAR(result->history[2].learning_rate, 0.05, 1e-12);
  EXPECT_NEAR(result->history[3].learning_rate, 0.0, 1e-12);
}

TEST(Train, OneRowAndABatchLargerThanTheDataAreEnough) {
  const Data train = MakeData(1, 3, 19);
  const auto result = Train(train.rows(), kNone, {{5}}, Quick(3), {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->epochs_run, 3);
}

TEST(Train, RefusesWhatDoesNotFit) {
  Data train = MakeData(10, 3, 20);
  EXPECT_EQ(Train(kNone, kNone, {}, Quick(1), {}).status(),
            absl::InvalidArgumentError("train.x: expected at least one row and one column, got none"));
  const Data wide = MakeData(10, 4, 20);
  EXPECT_EQ(Train(train.rows(), wide.rows(), {}, Quick(1), {}).status(),
            absl::InvalidArgumentError("validation.x (columns): expected 3 values, got 4"));
  TrainingRows shorter = train.rows();
  shorter.y = shorter.y.subspan(1);
  EXPECT_EQ(Train(shorter, kNone, {}, Quick(1), {}).status(),
            absl::InvalidArgumentError("train.y: expected 10 values, got 9"));
  train.y[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(Train(train.rows(), kNone, {}, Quick(1), {}).status(),
            absl::InvalidArgumentError("train.y[4]: expected a finite value, got nan"));
  train.y[4] = 0.0f;
  train.weights.assign(10, 0.0f);
  EXPECT_EQ(Train(train.rows(), kNone, {}, Quick(1), {}).status(),
            absl::InvalidArgumentError("train.weights: expected at least one > 0, got none"));
  train.weights[3] = -1.0f;
  EXPECT_EQ(Train(train.rows(), kNone, {}, Quick(1), {}).status(),
            absl::InvalidArgumentError("train.weights[3]: expected a finite value ≥ 0, got -1"));
  train.weights.clear();
  train.x(2, 1) = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Train(train.rows(), kNone, {}, Quick(1), {}).status(),
            absl::InvalidArgumentError("train.x: expected finite values"));
}

// What is hashed and copied before the first epoch of a large table took seconds.
TEST(Train, AsksBeforeTheFirstEpochOfALargeTable) {
  const RowMajorMatrix x = RowMajorMatrix::Constant(150'000, 60, 0.5f);
  const std::vector<float> y(150'000, 1.0f);
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) {
        return TrainingFingerprint({&x, y}, {}, {}, {}, stop).status();
      },
      2);
  ScriptedObserver observer;
  observer.CancelAtPoll(6);
  EXPECT_EQ(Train({&x, y}, kNone, {{8}}, Quick(1), {}, &observer).status().message(), "training was cancelled");
  EXPECT_EQ(observer.polls, 6);
}

}  // namespace
}  // namespace roicast
