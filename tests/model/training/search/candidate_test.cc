#include "model/training/search/candidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace roicast {
namespace {

using ::testing::ElementsAre;

TEST(Candidate, ComeEachOnceAndBeginAsTheOtherPresetsDo) {
  const std::vector<Candidate> candidates = AllCandidates();
  EXPECT_EQ(candidates.size(), 5u * 5u * 5u * 3u);
  EXPECT_EQ(std::set<Candidate>(candidates.begin(), candidates.end()).size(), candidates.size());
  EXPECT_EQ(candidates[0].Name(), "no ramps, 64 → 32, dropout 0.05");
  EXPECT_EQ(candidates[1].Name(), "8 ramps, 64 → 32, dropout 0.05");
  EXPECT_EQ(AllCandidates(), candidates);
}

TEST(Candidate, TellsItsSettings) {
  const Candidate candidate{4, 0, 0, 2};
  EXPECT_EQ(candidate.Name(), "32 ramps, 16 → 8, rate × 2");
  EXPECT_EQ(candidate.RampCount(), 32);
  EXPECT_THAT(candidate.Hidden(), ElementsAre(16, 8));
  EXPECT_EQ(candidate.Dropout(), 0.0);
  EXPECT_EQ(candidate.WeightDecay(), 0.008);
  const TrainingSpec spec = SpecFromPreset(Preset::kAuto);
  EXPECT_EQ(candidate.SpecOf(spec).training.learning_rate, 2.0 * spec.training.learning_rate);
  EXPECT_THAT(candidate.SpecOf(spec).network.hidden, ElementsAre(16, 8));
}

TEST(Candidate, HasNeighboursWithinTheGrid) {
  EXPECT_THAT(NeighboursOf({0, 0, 0, 0}),
              ElementsAre(Candidate{0, 0, 1, 0}, Candidate{1, 0, 0, 0}, Candidate{0, 1, 0, 0}, Candidate{0, 0, 0, 1}));
  EXPECT_EQ(NeighboursOf({2, 2, 2, 1}).size(), 8u);
  EXPECT_EQ(NeighboursOf({4, 4, 4, 2}).size(), 4u);
}

}  // namespace
}  // namespace roicast
