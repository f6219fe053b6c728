#include "model/training/search/ensemble_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace roicast {
namespace {

using ::testing::ElementsAre;

TEST(SelectEnsemble, GivesEqualSharesToModelsWhoseErrorsCancel) {
  const std::vector<float> truth{1.0f, -1.0f, 2.0f, -2.0f};
  const FoldCriterion criterion(Loss::kSquared, truth, {});
  const std::vector<double> high{1.5, -0.5, 2.5, -1.5}, low{0.5, -1.5, 1.5, -2.5}, nothing{0.0, 0.0, 0.0, 0.0};
  EXPECT_THAT(SelectEnsemble(criterion, {nothing, high, low}, 3),
              ElementsAre(0.0, testing::DoubleNear(0.5, 1e-12), testing::DoubleNear(0.5, 1e-12)));
}

TEST(SelectEnsemble, KeepsTheBestAloneIfAskedForOne) {
  const std::vector<float> truth{1.0f, -1.0f, 2.0f, -2.0f};
  const FoldCriterion criterion(Loss::kSquared, truth, {});
  const std::vector<double> exact{1.0, -1.0, 2.0, -2.0}, off{0.0, 0.0, 1.0, -1.0};
  EXPECT_THAT(SelectEnsemble(criterion, {off, exact}, 2), ElementsAre(0.0, 1.0));
  const std::vector<double> high{1.5, -0.5, 2.5, -1.5}, low{0.5, -1.5, 1.5, -2.5};
  EXPECT_THAT(SelectEnsemble(criterion, {high, low}, 1), ElementsAre(1.0, 0.0));
}

}  // namespace
}  // namespace roicast
