#include "model/decision/alike_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRow;

TEST(AlikeRows, DifferInSpendAndTimeAlone) {
  const OwnedModel owned(MakePowerLaw({}));
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  std::vector<float> rows;
  const auto add = [&](const std::vector<float>& row) { rows.insert(rows.end(), row.begin(), row.end()); };
  add(PowerRow(1'000.0, 0));
  add(PowerRow(1'000.0, 1));
  add(PowerRow(2'000.0, 0, 6));
  add(PowerRow(std::numeric_limits<double>::quiet_NaN(), 1));
  std::vector<float> unknown = PowerRow(1'000.0, 0);
  unknown[1] = std::numeric_limits<float>::quiet_NaN();
  add(unknown);
  add(unknown);
  EXPECT_THAT(FirstAlikeRows(*money, rows), ElementsAre(0, 1, 0, 1, 4, 4));
  EXPECT_THAT(FirstAlikeRows(*money, {}), ElementsAre());
}

TEST(AlikeRows, MayDifferInWhatMovesWithTheSpend) {
  Artifact artifact = MakePowerLaw({});
  const auto add_number = [&](const char* name) {
    Feature number = artifact.schema.features[0];
    number.name = name;
    artifact.schema.features.push_back(number);
    artifact.features.push_back(artifact.features[0]);
    RowMajorMatrix& weights = artifact.mlp.layers[0].weights;
    weights.conservativeResize(1, weights.cols() + 1);
    weights(0, weights.cols() - 1) = 0.0f;
  };
  add_number("clicks");
  add_number("price");
  artifact.moves_with_spend = {0, {{3, 0.5, 0.0}}};
  const OwnedModel owned(artifact);
  const auto money = MoneyModel::Create(owned.model(), "spend");
  ASSERT_TRUE(money.ok()) << money.status();
  std::vector<float> rows;
  const auto add = [&](float clicks, float price) {
    const std::vector<float> row = PowerRow(1'000.0 + clicks, 0);
    rows.insert(rows.end(), row.begin(), row.end());
    rows.insert(rows.end(), {clicks, price});
  };
  add(10.0f, 1.0f);
  add(20.0f, 1.0f);
  add(20.0f, 2.0f);
  EXPECT_THAT(FirstAlikeRows(*money, rows), ElementsAre(0, 0, 2));
  // Of another spend it is not known what moves with it.
  const auto along_price = MoneyModel::Create(owned.model(), "price");
  ASSERT_TRUE(along_price.ok()) << along_price.status();
  EXPECT_THAT(FirstAlikeRows(*along_price, rows), ElementsAre(0, 1, 1));
}

}  // namespace
}  // namespace roicast
