#include "model/network/checkpoint.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

Checkpoint SomeCheckpoint() {
  Checkpoint checkpoint;
  checkpoint.fingerprint = 7;
  checkpoint.epoch = 3;
  checkpoint.best_epoch = 2;
  checkpoint.best_loss = 0.25;
  checkpoint.steps = 99;
  checkpoint.random = {1, 2, 3, 4};
  for (int word = 0; word < 4; ++word) {
    for (int lane = 0; lane < 16; ++lane) checkpoint.dropout.words[word][lane] = 100 * word + lane;
  }
  checkpoint.parameters = {1.5f, -2.0f};
  checkpoint.best_parameters = {0.5f, 7.0f};
  checkpoint.first_moment = {3.0f, 4.0f};
  EpochRecord record;
  record.epoch = 3;
  record.train_loss = 0.125;
  checkpoint.history = {record};
  return checkpoint;
}

TEST(Checkpoint, SurvivesSerialization) {
  const absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(SerializeCheckpoint(SomeCheckpoint()));
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->fingerprint, 7u);
  EXPECT_EQ(checkpoint->epoch, 3);
  EXPECT_EQ(checkpoint->best_epoch, 2);
  EXPECT_EQ(checkpoint->best_loss, 0.25);
  EXPECT_EQ(checkpoint->steps, 99);
  EXPECT_EQ(checkpoint->random, SomeCheckpoint().random);
  EXPECT_EQ(checkpoint->dropout.words[3][15], 315u);
  EXPECT_EQ(checkpoint->parameters, SomeCheckpoint().parameters);
  EXPECT_EQ(checkpoint->best_parameters, SomeCheckpoint().best_parameters);
  EXPECT_EQ(checkpoint->first_moment, SomeCheckpoint().first_moment);
  EXPECT_TRUE(checkpoint->second_moment.empty());
  ASSERT_EQ(checkpoint->history.size(), 1u);
  EXPECT_EQ(checkpoint->history[0].train_loss, 0.125);
}

TEST(Checkpoint, EveryFlippedByteAndEveryTornLengthIsRefused) {
  const std::string bytes = SerializeCheckpoint(SomeCheckpoint());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    EXPECT_FALSE(ParseCheckpoint(flipped).ok()) << "byte " << i;
    EXPECT_FALSE(ParseCheckpoint(bytes.substr(0, i)).ok()) << "length " << i;
  }
  EXPECT_EQ(ParseCheckpoint(bytes.substr(0, bytes.size() - 1)).status(),
            absl::DataLossError("checkpoint: torn or damaged"));
}

TEST(Checkpoint, OfAnotherFormatIsRefused) {
  std::string bytes = SerializeCheckpoint(SomeCheckpoint());
  bytes[7] = '0';
  EXPECT_EQ(ParseCheckpoint(bytes).status(),
            absl::InvalidArgumentError("checkpoint: not a checkpoint of this release"));
}

}  // namespace
}  // namespace roicast
