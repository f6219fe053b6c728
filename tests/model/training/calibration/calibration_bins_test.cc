#include "model/training/calibration/calibration_bins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace roicast {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(CalibrationBins, HaveAboutTheSameSizeAndCountPositives) {
  std::vector<double> probability, positive;
  for (int i = 0; i < 1000; ++i) {
    probability.push_back((999 - i) / 1000.0);
    positive.push_back(i < 500 ? 1.0 : 0.0);
  }
  const std::vector<CalibrationBin> bins = MakeBins(probability, positive);
  ASSERT_THAT(bins, SizeIs(20));
  for (const CalibrationBin& bin : bins) EXPECT_EQ(bin.rows, 50);
  EXPECT_EQ(bins.front().positives, 0);
  EXPECT_FLOAT_EQ(bins.front().up_to, 0.049f);
  EXPECT_EQ(bins.back().positives, 50);
  EXPECT_FLOAT_EQ(bins.back().up_to, 0.999f);
}

TEST(CalibrationBins, KeepEqualProbabilitiesTogether) {
  std::vector<double> probability(70, 0.2), positive(70, 0.0);
  probability.resize(200, 0.6);
  positive.resize(200, 1.0);
  const std::vector<CalibrationBin> bins = MakeBins(probability, positive);
  ASSERT_THAT(bins, SizeIs(2));
  EXPECT_EQ(bins[0].rows, 70);
  EXPECT_EQ(bins[1].rows, 130);
  EXPECT_EQ(bins[1].positives, 130);
}

TEST(CalibrationBins, LeaveNoSmallOneAtTheEnd) {
  std::vector<double> probability;
  for (int i = 0; i < 149; ++i) probability.push_back(i / 149.0);
  const std::vector<CalibrationBin> bins = MakeBins(probability, std::vector<double>(149, 1.0));
  ASSERT_THAT(bins, SizeIs(2));
  EXPECT_GE(bins[1].rows, 50);
  EXPECT_EQ(bins[0].rows + bins[1].rows, 149);
}

TEST(CalibrationBins, NeedFiftyRows) {
  EXPECT_THAT(MakeBins(std::vector<double>(49, 0.5), std::vector<double>(49, 1.0)), IsEmpty());
  EXPECT_THAT(MakeBins(std::vector<double>(50, 0.5), std::vector<double>(50, 1.0)), SizeIs(1));
}

}  // namespace
}  // namespace roicast
