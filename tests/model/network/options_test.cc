#include <gtest/gtest.h>

#include <limits>

#include "model/network/mlp.h"
#include "model/network/trainer.h"

namespace roicast {
namespace {

TEST(NetworkOptions, RefusesWhatCannotBeBuilt) {
  NetworkOptions options;
  EXPECT_TRUE(options.Validate().ok());
  options.hidden = {5, 0};
  EXPECT_EQ(options.Validate().message(), "hidden[1]: expected 1 to 4096 units, got 0");
  options.hidden = {4097};
  EXPECT_EQ(options.Validate().message(), "hidden[0]: expected 1 to 4096 units, got 4097");
  options.hidden.assign(17, 4);
  EXPECT_EQ(options.Validate().message(), "hidden: expected at most 16 layers, got 17");
  options.hidden = {5};
  options.dropout = 1.0;
  EXPECT_EQ(options.Validate().message(), "dropout: expected a share in [0, 1), got 1");
  options.dropout = 0.5;
  options.activation = Activation::kIdentity;
  EXPECT_EQ(options.Validate().message(), "activation: expected a non-linear one for hidden layers, got identity");
}

template <typename Change>
std::string MessageAfter(Change change) {
  TrainingOptions options;
  change(options);
  const absl::Status status = options.Validate();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(TrainingOptions, DefaultsAreValid) { EXPECT_TRUE(TrainingOptions().Validate().ok()); }

TEST(TrainingOptions, RefusesValuesOutOfRange) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  using O = TrainingOptions;
  EXPECT_EQ(MessageAfter([](O& o) { o.huber_delta = 0; }), "huber_delta: expected > 0, got 0");
  EXPECT_EQ(MessageAfter([](O& o) { o.learning_rate = -0.5; }), "learning_rate: expected > 0, got -0.5");
  EXPECT_EQ(MessageAfter([](O& o) { o.learning_rate = kNaN; }), "learning_rate: expected > 0, got nan");
  EXPECT_EQ(MessageAfter([](O& o) { o.momentum = 1; }), "momentum: expected a value in [0, 1), got 1");
  EXPECT_EQ(MessageAfter([](O& o) { o.epochs = 0; }), "epochs: expected 1 to 100000, got 0");
  EXPECT_EQ(MessageAfter([](O& o) { o.epochs = 5, o.warmup_epochs = 6; }),
            "warmup_epochs: expected 0 to epochs (5), got 6");
  EXPECT_EQ(MessageAfter([](O& o) { o.batch_size = -1; }), "batch_size: expected ≥ 1, or 0 for all rows, got -1");
  EXPECT_EQ(MessageAfter([](O& o) { o.l1 = -1; }), "l1: expected ≥ 0, got -1");
  EXPECT_EQ(MessageAfter([](O& o) { o.l2 = kNaN; }), "l2: expected ≥ 0, got nan");
  EXPECT_EQ(MessageAfter([](O& o) { o.weight_decay = 0.1; }),
            "weight_decay: expected 0 unless the optimizer is AdamW, got 0.1; use l2 instead");
  EXPECT_EQ(MessageAfter([](O& o) { o.gradient_clip_norm = -2; }),
            "gradient_clip_norm: expected ≥ 0 (0 = off), got -2");
  EXPECT_EQ(MessageAfter([](O& o) { o.patience = -1; }), "patience: expected ≥ 0 (0 = never), got -1");
}

}  // namespace
}  // namespace roicast
