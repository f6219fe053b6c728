#include "client/load/model_rows.h"

#include <gtest/gtest.h>

#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

TEST(ModelRows, BothFormsCarryTheSameRowsOfTheModelsSchema) {
  const v1::Model model = roicast::testing::FakeServer::SmallModel();
  v1::ModelRef ref;
  ref.set_name("small");
  const auto named = RandomRows(model, ref, RowForm::kNamed, 20);
  const auto dense = RandomRows(model, ref, RowForm::kDense, 20);
  ASSERT_EQ(named.size(), 20U);
  bool differ = false;
  for (size_t i = 0; i < named.size(); ++i) {
    EXPECT_EQ(named[i].model().name(), "small");
    EXPECT_EQ(dense[i].dense_row().schema_digest(), "digest-of-the-schema");
    ASSERT_EQ(named[i].row().values_size(), 4);
    ASSERT_EQ(dense[i].dense_row().values_size(), 4);
    const auto& values = named[i].row().values();
    const auto& raw = dense[i].dense_row().values();
    EXPECT_EQ(values[0].name(), "spend");
    EXPECT_EQ(values[0].number(), raw[0]);
    EXPECT_GE(raw[0], 0);
    EXPECT_LE(raw[0], 1000);
    EXPECT_EQ(values[2].word(), raw[2] == 0 ? "search" : "social");
    EXPECT_EQ(values[3].time().seconds(), static_cast<int64_t>(raw[3]) * 3600);
    differ |= raw[0] != dense[0].dense_row().values(0);
  }
  EXPECT_TRUE(differ);
}

TEST(ModelRows, MatricesHaveTheAskedRows) {
  const auto requests = RandomMatrices(roicast::testing::FakeServer::SmallModel(), {}, 2, 5);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_FALSE(requests[0].has_model());
  EXPECT_EQ(requests[1].matrix().rows(), 5);
  EXPECT_EQ(requests[1].matrix().values_size(), 20);
}

}  // namespace
}  // namespace roicast::client
