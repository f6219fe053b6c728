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

}  // namespace
}  // namespace roicast
