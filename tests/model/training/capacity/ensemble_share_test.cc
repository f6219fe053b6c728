#include "model/training/capacity/ensemble_share.h"

#include <cmath>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"
#include "model/training/capacity/logistic_path.h"

namespace roicast {
namespace {

// Two networks that say a signal of variance 1 with chance of the given variance, and a truth that is a linear path, a
// share of the signal, and noise.
struct Case {
  Case(int rows, double share, double chance, Loss loss) {
    Random random(3);
    for (int i = 0; i < rows; ++i) {
      const double path = random.Normal(), signal = random.Normal();
      for (UnseenPrediction* prediction : {&first, &second}) {
        prediction->linear.push_back(path);
        prediction->network.push_back(signal + std::sqrt(chance) * random.Normal());
      }
      const double z = path + share * signal;
      truth.push_back(static_cast<float>(loss == Loss::kLogistic ? (random.Uniform() < Probability(z) ? 1.0 : 0.0)
                                                                 : z + 0.1 * random.Normal()));
    }
  }
  UnseenPrediction first, second;
  std::vector<float> truth;
};

constexpr int kRows = 100'000;

TEST(EnsembleShare, ChanceCancelsInTheMeanOfSeveralNetworks) {
  const Case rows(kRows, 0.9, 1.0, Loss::kSquared);
  const FoldCriterion criterion(Loss::kSquared, rows.truth, {});
  const double single = criterion.FitShare(rows.first.linear, rows.first.network).share;
  EXPECT_NEAR(single, 0.9 / (1.0 + 1.0), 0.01);
  EXPECT_NEAR(EnsembleShare(criterion, rows.first, rows.second, 5, single), 0.9 / (1.0 + 1.0 / 5.0), 0.015);
  EXPECT_NEAR(EnsembleShare(criterion, rows.first, rows.second, 2, single), 0.9 / (1.0 + 1.0 / 2.0), 0.015);
}

TEST(EnsembleShare, IsThatOfOneNetworkWithoutChance) {
  const Case rows(kRows, 0.7, 0.0, Loss::kSquared);
  const FoldCriterion criterion(Loss::kSquared, rows.truth, {});
  EXPECT_NEAR(EnsembleShare(criterion, rows.first, rows.second, 5, 0.7), 0.7, 0.005);
}

TEST(EnsembleShare, StaysBetweenThatOfOneNetworkAndAllOfIt) {
  const Case strong(kRows, 3.0, 1.0, Loss::kSquared);
  EXPECT_EQ(EnsembleShare(FoldCriterion(Loss::kSquared, strong.truth, {}), strong.first, strong.second, 5, 1.0), 1.0);
  // What the second says has nothing to do with the truth.
  Case odd(1000, 0.5, 0.0, Loss::kSquared);
  for (double& z : odd.second.network) z = -z;
  EXPECT_EQ(EnsembleShare(FoldCriterion(Loss::kSquared, odd.truth, {}), odd.first, odd.second, 5, 0.5), 0.5);
}

TEST(EnsembleShare, WeightsCount) {
  Case rows(kRows, 0.9, 1.0, Loss::kSquared);
  std::vector<float> weights(kRows, 1.0f);
  for (int i = kRows / 2; i < kRows; ++i) {
    weights[i] = 0.0f;
    rows.truth[i] = -5.0f;
  }
  EXPECT_NEAR(EnsembleShare(FoldCriterion(Loss::kSquared, rows.truth, weights), rows.first, rows.second, 5, 0.4),
              0.9 / 1.2, 0.02);
}

TEST(EnsembleShare, HoldsForLogOdds) {
  const Case rows(kRows, 0.9, 0.5, Loss::kLogistic);
  const FoldCriterion criterion(Loss::kLogistic, rows.truth, {});
  std::vector<double> mean(kRows);
  for (int i = 0; i < kRows; ++i) mean[i] = 0.5 * (rows.first.network[i] + rows.second.network[i]);
  const double of_two = criterion.FitShare(rows.first.linear, mean).share;
  const double single = criterion.FitShare(rows.first.linear, rows.first.network).share;
  EXPECT_NEAR(EnsembleShare(criterion, rows.first, rows.second, 2, single), of_two, 0.01);
  EXPECT_NEAR(EnsembleShare(criterion, rows.first, rows.second, 5, single), 0.9 / (1.0 + 0.5 / 5.0), 0.05);
}

}  // namespace
}  // namespace roicast
