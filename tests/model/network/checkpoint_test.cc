#include "model/network/checkpoint.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TrainerState SomeState() {
  TrainerState state;
  state.epoch = 3;
  state.best_epoch = 2;
  state.best_loss = 0.25;
  state.steps = 99;
  state.random = {1, 2, 3, 4};
  for (int word = 0; word < 4; ++word) {
    for (int lane = 0; lane < 16; ++lane) state.dropout.words[word][lane] = 100 * word + lane;
  }
  state.parameters = {1.5f, -2.0f};
  state.best_parameters = {0.5f, 7.0f};
  state.first_moment = {3.0f, 4.0f};
  EpochRecord record;
  record.epoch = 3;
  record.train_loss = 0.125;
  state.history = {record};
  return state;
}

TEST(TrainerState, ComesBackAsItWasWritten) {
  const absl::StatusOr<TrainerState> state = ParseTrainerState(SerializeTrainerState(SomeState(), 7), 7);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->epoch, 3);
  EXPECT_EQ(state->best_epoch, 2);
  EXPECT_EQ(state->best_loss, 0.25);
  EXPECT_EQ(state->steps, 99);
  EXPECT_EQ(state->random, SomeState().random);
  EXPECT_EQ(state->dropout.words[3][15], 315u);
  EXPECT_EQ(state->parameters, SomeState().parameters);
  EXPECT_EQ(state->best_parameters, SomeState().best_parameters);
  EXPECT_EQ(state->first_moment, SomeState().first_moment);
  EXPECT_TRUE(state->second_moment.empty());
  ASSERT_EQ(state->history.size(), 1u);
  EXPECT_EQ(state->history[0].train_loss, 0.125);
}

TEST(TrainerState, EveryFlippedByteAndEveryTornLengthIsRefused) {
  const std::string bytes = SerializeTrainerState(SomeState(), 7);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    EXPECT_FALSE(ParseTrainerState(flipped, 7).ok()) << "byte " << i;
    EXPECT_FALSE(ParseTrainerState(bytes.substr(0, i), 7).ok()) << "length " << i;
  }
  EXPECT_EQ(ParseTrainerState(bytes.substr(0, bytes.size() - 1), 7).status(),
            absl::DataLossError("checkpoint: torn or damaged"));
}

TEST(TrainerState, OfAnotherRunIsRefused) {
  EXPECT_EQ(ParseTrainerState(SerializeTrainerState(SomeState(), 7), 8).status(),
            absl::InvalidArgumentError("checkpoint: it belongs to a run with other data or options"));
}

}  // namespace
}  // namespace roicast
