#include "model/network/attention/attention_trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/model/network/attention/random_attention.h"
#include "tests/model/network/scripted_observer.h"

namespace roicast {
namespace {

using testing::RandomInputs;

struct Example {
  RowMajorMatrix x;
  std::vector<float> y;
  TrainingRows rows() const { return {&x, y, {}}; }
};

// y = x0 · x1, which no linear model can follow, or noise.
Example MakeExample(int rows, bool noise, uint64_t seed) {
  Random random(seed);
  Example example;
  example.x = RandomInputs(rows, 3, random);
  for (int r = 0; r < rows; ++r) {
    example.y.push_back(noise ? static_cast<float>(random.Normal()) : example.x(r, 0) * example.x(r, 1));
  }
  return example;
}

AttentionOptions SmallOptions() {
  AttentionOptions options;
  options.shape = {8, 2, 1, 8};
  options.dropout = 0.05;
  options.training.optimizer = Optimizer::kAdamW;
  options.training.schedule = Schedule::kCosine;
  options.training.learning_rate = 1e-2;
  options.training.weight_decay = 1e-3;
  options.training.gradient_clip_norm = 1.0;
  options.training.warmup_epochs = 1;
  options.training.epochs = 60;
  return options;
}

double R2(const AttentionNetwork& network, const Example& example) {
  const std::vector<float> z = EvaluateAttention(network, example.x);
  double errors = 0.0, total = 0.0;
  for (size_t i = 0; i < z.size(); ++i) {
    errors += (z[i] - example.y[i]) * (z[i] - example.y[i]);
    total += example.y[i] * example.y[i];
  }
  return 1.0 - errors / total;
}

TEST(TrainAttention, LearnsAProductOfTwoInputs) {
  const Example train = MakeExample(1000, false, 1), test = MakeExample(500, false, 2);
  const auto result = TrainAttention(train.rows(), {}, {1, 1, 1}, SmallOptions());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->epochs_run, 60);
  EXPECT_EQ(result->best_epoch, 60);
  EXPECT_EQ(result->stop_reason, "all epochs");
  EXPECT_EQ(result->history.size(), 60u);
  EXPECT_TRUE(std::isnan(result->history[0].validation_loss));
  EXPECT_GT(R2(result->network, test), 0.9);
  EXPECT_NEAR(result->network.Evaluate(test.x.row(3).data()), EvaluateAttention(result->network, test.x)[3], 1e-5);
}

TEST(TrainAttention, IsTheSameForTheSameSeed) {
  const Example train = MakeExample(200, false, 1);
  AttentionOptions options = SmallOptions();
  options.training.epochs = 3;
  const auto a = TrainAttention(train.rows(), {}, {1, 1, 1}, options);
  const auto b = TrainAttention(train.rows(), {}, {1, 1, 1}, options);
  options.training.seed = 43;
  const auto c = TrainAttention(train.rows(), {}, {1, 1, 1}, options);
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  EXPECT_EQ(a->network.parameters, b->network.parameters);
  EXPECT_NE(a->network.parameters, c->network.parameters);
}

TEST(TrainAttention, StopsWithinTheSameSchedule) {
  const Example train = MakeExample(200, false, 1);
  AttentionOptions options = SmallOptions();
  const auto whole = TrainAttention(train.rows(), {}, {1, 1, 1}, options);
  options.stop_after = 5;
  const auto part = TrainAttention(train.rows(), {}, {1, 1, 1}, options);
  ASSERT_TRUE(whole.ok() && part.ok());
  EXPECT_EQ(part->epochs_run, 5);
  EXPECT_EQ(part->history[4].train_loss, whole->history[4].train_loss);
}

TEST(TrainAttention, KeepsTheBestEpochOfTheValidationRows) {
  const Example train = MakeExample(300, false, 1), validation = MakeExample(300, false, 2);
  AttentionOptions options = SmallOptions();
  options.training.patience = 5;
  const auto result = TrainAttention(train.rows(), validation.rows(), {1, 1, 1}, options);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_GT(result->best_epoch, 0);
  const std::vector<EpochRecord>& history = result->history;
  for (const EpochRecord& record : history) {
    EXPECT_GE(record.validation_loss, history[result->best_epoch - 1].validation_loss);
  }
  const double error = 1.0 - R2(result->network, validation);
  double square = 0.0;
  for (const float y : validation.y) square += y * y / 300.0;
  EXPECT_NEAR(error * square, history[result->best_epoch - 1].validation_loss, 1e-4);
}

TEST(TrainAttention, KeepsZeroWhereNothingHolds) {
  const Example train = MakeExample(100, true, 1), validation = MakeExample(2000, true, 2);
  AttentionOptions options = SmallOptions();
  options.training.patience = 10;
  const auto result = TrainAttention(train.rows(), validation.rows(), {1, 1, 1}, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->best_epoch, 0);
  EXPECT_EQ(result->epochs_run, 10);
  EXPECT_EQ(result->stop_reason, "early stopping");
  EXPECT_EQ(result->network.Evaluate(train.x.row(0).data()), 0.0);
}

TEST(TrainAttention, ObeysTheObserver) {
  const Example train = MakeExample(320, false, 1);  // 10 steps an epoch
  ScriptedObserver observer;
  observer.signal = [&] { return observer.polls == 25 ? TrainingSignal::kTimeLimit : TrainingSignal::kContinue; };
  AttentionOptions options = SmallOptions();
  const auto limited = TrainAttention(train.rows(), {}, {1, 1, 1}, options, nullptr, &observer);
  ASSERT_TRUE(limited.ok()) << limited.status();
  EXPECT_EQ(limited->epochs_run, 2);
  EXPECT_EQ(limited->stop_reason, "time limit");
  EXPECT_EQ(observer.epochs, (std::vector<int>{1, 2}));
  options.stop_after = 2;
  const auto whole = TrainAttention(train.rows(), {}, {1, 1, 1}, options);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(limited->network.parameters, whole->network.parameters);

  ScriptedObserver cancels;
  cancels.signal = [&] { return cancels.polls == 12 ? TrainingSignal::kCancel : TrainingSignal::kContinue; };
  const auto cancelled = TrainAttention(train.rows(), {}, {1, 1, 1}, options, nullptr, &cancels);
  EXPECT_EQ(cancelled.status(), absl::CancelledError("cancelled in epoch 2"));
}

TEST(TrainAttention, LearnsWhatOffsetsLeave) {
  const Example train = MakeExample(300, false, 1);
  AttentionOptions options = SmallOptions();
  options.training.epochs = 2;
  std::vector<float> residuals, offsets(300, 0.75f);
  for (const float y : train.y) residuals.push_back(y - 0.75f);
  const auto a = TrainAttention({&train.x, train.y, {}, offsets}, {}, {1, 1, 1}, options);
  const auto b = TrainAttention({&train.x, residuals, {}}, {}, {1, 1, 1}, options);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NEAR(a->history[1].train_loss, b->history[1].train_loss, 1e-5);
}

TEST(TrainAttention, ResumesToTheSameBits) {
  const Example train = MakeExample(200, false, 1), validation = MakeExample(100, false, 2);
  AttentionOptions options = SmallOptions();
  options.training.epochs = 6;
  const auto whole = TrainAttention(train.rows(), validation.rows(), {1, 1, 1}, options);
  ScriptedObserver observer;
  observer.wants_checkpoint = true;
  observer.signal = [&] { return observer.epochs.size() == 3 ? TrainingSignal::kCancel : TrainingSignal::kContinue; };
  const auto part = TrainAttention(train.rows(), validation.rows(), {1, 1, 1}, options, nullptr, &observer);
  EXPECT_EQ(part.status(), absl::CancelledError("cancelled in epoch 4"));
  ASSERT_TRUE(observer.checkpoint.has_value());
  EXPECT_EQ(observer.checkpoint->epoch, 3);
  const auto resumed = TrainAttention(train.rows(), validation.rows(), {1, 1, 1}, options, &*observer.checkpoint);
  ASSERT_TRUE(whole.ok() && resumed.ok()) << resumed.status();
  EXPECT_EQ(resumed->network.parameters, whole->network.parameters);
  EXPECT_EQ(resumed->history.size(), 6u);
  options.dropout = 0.2;
  EXPECT_EQ(TrainAttention(train.rows(), validation.rows(), {1, 1, 1}, options, &*observer.checkpoint).status(),
            absl::InvalidArgumentError("checkpoint: it belongs to a run with other data or options"));
}

TEST(TrainAttention, RefusesWhatDoesNotFit) {
  const Example train = MakeExample(20, false, 1);
  EXPECT_EQ(TrainAttention(train.rows(), {}, {1, 1}, SmallOptions()).status().message(),
            "train.x (columns): expected 2 values, got 3");
  Example broken = train;
  broken.y[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(TrainAttention(broken.rows(), {}, {1, 1, 1}, SmallOptions()).status().message(),
            "train.y[3]: expected a finite value, got nan");
  AttentionOptions options = SmallOptions();
  options.shape.heads = 3;
  EXPECT_EQ(TrainAttention(train.rows(), {}, {1, 1, 1}, options).status().message(),
            "attention.heads: expected a divisor of the width (8), got 3");
  options = SmallOptions();
  options.training.learning_rate = 1e30;
  options.training.warmup_epochs = 0;
  const auto diverged = TrainAttention(train.rows(), {}, {1, 1, 1}, options);
  EXPECT_EQ(diverged.status().code(), absl::StatusCode::kFailedPrecondition) << diverged.status();
}

}  // namespace
}  // namespace roicast
