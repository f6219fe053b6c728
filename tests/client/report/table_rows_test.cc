#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/report/model_answers.h"
#include "client/report/outcome_columns.h"
#include "client/report/row_collector.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Model SpendAndChannel() {
  v1::Model model;
  v1::Feature& spend = *model.mutable_schema()->add_features();
  spend.set_name("spend");
  spend.set_kind(v1::FEATURE_KIND_NUMERIC);
  v1::Feature& channel = *model.mutable_schema()->add_features();
  channel.set_name("channel");
  channel.set_kind(v1::FEATURE_KIND_CATEGORICAL);
  channel.add_vocabulary("search");
  channel.add_vocabulary("social");
  return model;
}

struct Read {
  CollectedRows rows;
  absl::Status outcome;
};

Read ReadText(const std::string& csv, const v1::TargetSpec& target, int64_t most = 1000) {
  const v1::Model model = SpendAndChannel();
  const auto table = DetectSample(csv, false, {});
  EXPECT_TRUE(table.ok()) << table.status();
  const auto columns = BindFeatures(model, *table, {});
  EXPECT_TRUE(columns.ok()) << columns.status();
  auto outcome = OutcomeColumns::Bind(target, *table);
  Read read;
  read.outcome = outcome.status();
  std::optional<OutcomeColumns> bound;
  if (outcome.ok()) bound = *std::move(outcome);
  RowCollector collector(model, *table, {}, *columns, bound, most);
  EXPECT_TRUE(collector.Feed(csv).ok());
  auto rows = collector.Finish();
  EXPECT_TRUE(rows.ok()) << rows.status();
  read.rows = *std::move(rows);
  return read;
}

TEST(RowCollector, ReadsRowsWithTheirOutcome) {
  v1::TargetSpec target;
  target.set_revenue_column("revenue");
  target.set_spend_column("spend");
  const Read read =
      ReadText("spend,channel,revenue\n100,search,150\n0,social,5\n50,tv,\nabc,search,3\n20,social,20\n", target);
  EXPECT_TRUE(read.outcome.ok());
  EXPECT_EQ(read.rows.rows_read, 5);
  EXPECT_EQ(read.rows.rows_unread, 1);
  EXPECT_THAT(read.rows.first_unread, HasSubstr("line 5: "));
  EXPECT_THAT(read.rows.values, ElementsAre(100, 0, 0, 1, 50, 2, 20, 1));
  ASSERT_EQ(read.rows.size(), 4);
  EXPECT_DOUBLE_EQ(read.rows.truths[0], 0.5);
  EXPECT_TRUE(std::isnan(read.rows.truths[1]));
  EXPECT_TRUE(std::isnan(read.rows.truths[2]));
  EXPECT_DOUBLE_EQ(read.rows.truths[3], 0);
}

TEST(OutcomeColumns, KnowsEveryKindOfTarget) {
  const std::string csv = "spend,channel,revenue,roas,won\n100,search,,3,Yes\n50,social,60,1.5,No\n";
  v1::TargetSpec blank;
  blank.set_revenue_column("revenue");
  blank.set_spend_column("spend");
  blank.set_blank_revenue(v1::BLANK_REVENUE_ZERO);
  EXPECT_THAT(ReadText(csv, blank).rows.truths, ElementsAre(-1, ::testing::DoubleNear(0.2, 1e-12)));
  v1::TargetSpec roas;
  roas.set_roas_column("roas");
  EXPECT_THAT(ReadText(csv, roas).rows.truths, ElementsAre(2, 0.5));
  v1::TargetSpec won;
  won.set_column("won");
  won.set_kind(v1::TARGET_KIND_TWO_VALUED);
  won.set_positive_value("Yes");
  EXPECT_THAT(ReadText(csv, won).rows.truths, ElementsAre(1, 0));
  v1::TargetSpec absent;
  absent.set_column("revenu");
  EXPECT_EQ(ReadText(csv, absent).outcome.message(),
            "the file has no column \"revenu\"; did you mean \"revenue\"?; name the outcome with --target COLUMN");
  EXPECT_EQ(ReadText(csv, {}).outcome.message(),
            "the model does not say which column its target was; name it with --target COLUMN");
}

TEST(RowCollector, DrawsFromAllRows) {
  std::string csv = "spend,channel\n";
  for (int i = 1; i <= 5000; ++i) absl::StrAppend(&csv, i, ",search\n");
  const Read read = ReadText(csv, {}, 500);
  EXPECT_EQ(read.rows.rows_read, 5000);
  ASSERT_EQ(read.rows.size(), 500);
  std::set<float> spends;
  double mean = 0;
  for (size_t i = 0; i < 1000; i += 2) {
    spends.insert(read.rows.values[i]);
    mean += read.rows.values[i] / 500;
  }
  EXPECT_EQ(spends.size(), 500u);
  EXPECT_NEAR(mean, 2500, 200);
}

TEST(TypicalRow, IsInTheMiddle) {
  const v1::Schema schema = SpendAndChannel().schema();
  EXPECT_THAT(TypicalRow(schema, {5, 0, 1, 1, 9, 1}), ElementsAre(5, 1));
  EXPECT_TRUE(std::isnan(TypicalRow(schema, {})[0]));
}

TEST(TranslateRows, GoesByNamesAndWords) {
  const v1::Schema from = SpendAndChannel().schema();
  v1::Schema to;
  *to.add_features() = from.features(1);
  to.mutable_features(0)->clear_vocabulary();
  for (const char* word : {"tv", "social"}) to.mutable_features(0)->add_vocabulary(word);
  *to.add_features() = from.features(0);
  const auto rows = TranslateRows(from, to, {7, 0, 8, 1, 9, 2});
  ASSERT_TRUE(rows.has_value());
  // search is unseen there; so is what was unseen here.
  EXPECT_THAT(*rows, ElementsAre(2, 7, 1, 8, 2, 9));
  to.add_features()->set_name("price");
  EXPECT_FALSE(TranslateRows(from, to, {7, 0}).has_value());
}

}  // namespace
}  // namespace roicast::client
