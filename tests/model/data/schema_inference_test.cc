#include "model/data/schema_inference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Names(const Schema& schema) {
  std::vector<std::string> names;
  for (const Feature& feature : schema.features) names.push_back(feature.name);
  return names;
}

std::map<std::string, std::string> Reasons(const InferredSchema& inferred) {
  std::map<std::string, std::string> reasons;
  for (const LeftOutColumn& column : inferred.left_out) reasons[column.column] = column.reason;
  return reasons;
}

// Columns of each kind that is left out, and two that stay.
Table MixedTable() {
  std::string text = "row,customerID,order_id,empty,same,weight,price,channel,leads,roi\n";
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&text, 1000 + i, ",cust-", i, ",", (i * 37) % 101, ",,x,1,", i % 7, ".5,",
                    i % 2 ? "search" : "social", ",", i % 5, ",0.", i % 10, "\n");
  }
  return ReadCsvOrFail(text).table;
}

TEST(InferSchema, LeavesOutColumnsThatAreNotInputsAndSaysWhy) {
  const auto inferred = InferSchema(MixedTable(), {"roi", "", ""}, {{"leads", {}, true}}, {"weight"});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("price", "channel"));
  EXPECT_THAT(
      Reasons(*inferred),
      UnorderedElementsAre(Pair("row", "identifier-like"), Pair("customerID", "identifier-like"),
                           Pair("order_id", "identifier-like"), Pair("empty", "all missing"), Pair("same", "constant"),
                           Pair("weight", "weight"), Pair("leads", "excluded"), Pair("roi", "target")));
}

// So that another value can be told when it comes.
TEST(InferSchema, KeepsTheValueOfAConstantColumn) {
  std::string text = "currency,discount,price,roi\n";
  for (int i = 0; i < 30; ++i)
    absl::StrAppend(&text, i == 3 ? "" : "USD", ",0.10,", (i * 37) % 101, ",0.", i % 10, "\n");
  const auto inferred = InferSchema(ReadCsvOrFail(text).table, {"roi", "", ""}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  std::map<std::string, std::string> values;
  for (const LeftOutColumn& column : inferred->left_out) values[column.column] = column.value;
  EXPECT_THAT(values, UnorderedElementsAre(Pair("currency", "USD"), Pair("discount", "0.1"), Pair("roi", "")));
}

TEST(InferSchema, KeepsARequestedIdentifierOrConstant) {
  ColumnOverride keep_id{"customerID"}, keep_constant{"same"};
  keep_id.include = keep_constant.include = true;
  const auto inferred = InferSchema(MixedTable(), {"roi", "", ""}, {keep_id, keep_constant});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_GE(inferred->schema.IndexOf("customerID"), 0);
  EXPECT_GE(inferred->schema.IndexOf("same"), 0);
}

// "Sale" or nothing: the blank is all that the column tells.
TEST(InferSchema, KeepsAColumnOfOneValueThatIsOftenBlank) {
  std::string text = "promo,flag,seldom,rarely_blank,channel,roi\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&text, i % 2 ? "Sale" : "", ",", i % 3 ? "" : "1", ",", i < 4 ? "x" : "", ",", i < 4 ? "" : "x",
                    ",", i % 5 ? "search" : "social", ",0.", i % 10, "\n");
  }
  const auto inferred = InferSchema(ReadCsvOrFail(text).table, {"roi", "", ""}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("promo", "flag", "channel"));
  EXPECT_THAT(Reasons(*inferred), UnorderedElementsAre(Pair("seldom", "constant"), Pair("rarely_blank", "constant"),
                                                       Pair("roi", "target")));
}

TEST(InferSchema, LeavesOutWhatScoreAdded) {
  std::string text = "channel,spend,revenue,pred,predicted_revenue,predicted_profit,pred_warnings\n";
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&text, i % 3 ? "search" : "social", ",", 10 + i % 7, ",", 9 + i % 11, ",0.", i % 9, ",", i % 13,
                    ",", i % 17, ",", i % 2 ? "spend: out of range" : "", "\n");
  }
  const auto inferred = InferSchema(ReadCsvOrFail(text).table, {"", "revenue", "spend"}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("channel", "spend"));
  EXPECT_THAT(Reasons(*inferred), UnorderedElementsAre(Pair("revenue", "revenue"), Pair("pred", "added by score"),
                                                       Pair("predicted_revenue", "added by score"),
                                                       Pair("predicted_profit", "added by score"),
                                                       Pair("pred_warnings", "added by score")));
}

TEST(InferSchema, LeavesOutWhatAPlanAdded) {
  std::string text = "channel,spend,revenue,planned_spend,predicted_roi,marginal_roi\n";
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&text, i % 3 ? "search" : "social", ",", 10 + i % 7, ",", 9 + i % 11, ",", 10 + i % 5, ",0.", i % 9,
                    ",0.", i % 8, "\n");
  }
  const Table table = ReadCsvOrFail(text).table;
  const auto inferred = InferSchema(table, {"", "revenue", "spend"}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("channel", "spend"));
  EXPECT_THAT(
      Reasons(*inferred),
      UnorderedElementsAre(Pair("revenue", "revenue"), Pair("planned_spend", "added by optimize"),
                           Pair("predicted_roi", "added by optimize"), Pair("marginal_roi", "added by optimize")));
  ASSERT_EQ(inferred->warnings.size(), 1u);
  EXPECT_EQ(inferred->warnings[0].message,
            "\"planned_spend\", \"predicted_roi\", \"marginal_roi\" were added by roicast and not observed, so they "
            "are no inputs");
  EXPECT_THAT(inferred->warnings[0].flags,
              ElementsAre("--include planned_spend --include predicted_roi --include marginal_roi"));
  EXPECT_THAT(Names(InferSchema(table, {"", "revenue", "planned_spend"}, {})->schema),
              ElementsAre("channel", "spend", "planned_spend"));
}

TEST(InferSchema, LeavesOutTheColumnThatChoosesTheHoldoutUnlessRequested) {
  const auto inferred = InferSchema(MixedTable(), {"roi", "", ""}, {}, {"", "channel"});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_EQ(inferred->schema.IndexOf("channel"), -1);
  EXPECT_THAT(Reasons(*inferred), ::testing::Contains(Pair("channel", "chooses the holdout")));

  // A kind alone says how to read it, not that it is an input.
  ColumnOverride channel{"channel"};
  channel.kind = FeatureKind::kCategorical;
  const auto typed = InferSchema(MixedTable(), {"roi", "", ""}, {channel}, {"", "channel"});
  ASSERT_TRUE(typed.ok()) << typed.status();
  EXPECT_EQ(typed->schema.IndexOf("channel"), -1);

  channel.include = true;
  const auto kept = InferSchema(MixedTable(), {"roi", "", ""}, {channel}, {"", "channel"});
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_GE(kept->schema.IndexOf("channel"), 0);
}

TEST(InferSchema, DoesNotTakeDistinctMeasurementsForIdentifiers) {
  std::string text = "audience,score,roi\n";
  uint32_t state = 1;
  for (int i = 0; i < 200; ++i) {
    state = state * 1664525u + 1013904223u;
    absl::StrAppend(&text, state >> 8, ",", i, ".25,", i % 3, "\n");
  }
  const auto inferred = InferSchema(ReadCsvOrFail(text).table, {"roi", "", ""}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("audience", "score"));
}

// A table sorted by its audience: the values only rise, but they count nothing up.
TEST(InferSchema, KeepsWholeNumbersInOrderThatHaveGaps) {
  std::string text = "audience_size,roi\n";
  for (int i = 0; i < 60; ++i) absl::StrAppend(&text, 1000 + i * i, ",", i % 7, ".5\n");
  const auto inferred = InferSchema(ReadCsvOrFail(text).table, {"roi", "", ""}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("audience_size"));
}

TEST(InferSchema, SaysWhatItLeavesOutForItsValuesAlone) {
  const auto inferred = InferSchema(MixedTable(), {"roi", "", ""}, {}, {"weight"});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  std::vector<std::string> columns;
  for (const DataWarning& warning : inferred->warnings) columns.push_back(warning.column);
  // Not customerID and order_id, whose names say it; leads is an outcome.
  EXPECT_THAT(columns, ElementsAre("row", "leads"));
  EXPECT_FALSE(inferred->warnings[0].serious);
  EXPECT_EQ(
      inferred->warnings[0].message,
      "\"row\" has 60 different values in 60 rows, whole numbers with few gaps as if rows were counted, so it is no "
      "input");
  EXPECT_THAT(inferred->warnings[0].flags, ElementsAre("--include row"));

  std::string text = "headline,spend,roi\n";
  for (int i = 0; i < 30; ++i) absl::StrAppend(&text, "text ", i, ",", i % 4 + 0.5, ",", i % 7, ".5\n");
  const auto words = InferSchema(ReadCsvOrFail(text).table, {"roi", "", "spend"}, {});
  ASSERT_TRUE(words.ok()) << words.status();
  ASSERT_EQ(words->warnings.size(), 1u);
  EXPECT_EQ(words->warnings[0].message,
            "\"headline\" has 30 different values in 30 rows, as if it named the rows, so it is no input");
  EXPECT_THAT(words->warnings[0].flags, ElementsAre("--include headline"));
}

TEST(InferSchema, LeavesOutOutcomesOtherThanTheTarget) {
  const CsvTable csv = ReadCsvOrFail("price,spend,revenue,roi,true_roi\n1,1,2,1,1.1\n2,2,3,0.5,0.4\n3,1,1,0,0.1\n");
  const auto by_column = InferSchema(csv.table, {"roi", "", "spend"}, {});
  ASSERT_TRUE(by_column.ok()) << by_column.status();
  EXPECT_THAT(Reasons(*by_column),
              UnorderedElementsAre(Pair("roi", "target"), Pair("revenue", "outcome"), Pair("true_roi", "outcome")));
  const auto computed = InferSchema(csv.table, {"", "revenue", "spend"}, {});
  EXPECT_THAT(Reasons(*computed),
              UnorderedElementsAre(Pair("roi", "outcome"), Pair("revenue", "revenue"), Pair("true_roi", "outcome")));
  EXPECT_THAT(Names(computed->schema), ElementsAre("price", "spend"));
}

TEST(InferSchema, NamesOfTheCampaignSchemaBindNobody) {
  const CsvTable csv =
      ReadCsvOrFail("cost,price,discount_rate,colour,roi\n1,0,35,red,1\n2,2,20,blue,2\n3,-5,10,red,1.5\n");
  ColumnOverride colour{"colour"};
  colour.group = FeatureGroup::kProduct;
  colour.unit = "name";
  const auto inferred = InferSchema(csv.table, {"roi", "", "cost"}, {colour});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  const std::vector<Feature>& features = inferred->schema.features;
  ASSERT_EQ(features.size(), 4u);
  // The spend of the target is above 0 in any table.
  EXPECT_FALSE(features[0].Allows(0.0));
  EXPECT_EQ(features[1].group, FeatureGroup::kUnspecified);
  EXPECT_EQ(features[1].unit, "");
  EXPECT_TRUE(features[1].Allows(-5.0));
  EXPECT_TRUE(features[2].Allows(35.0));
  EXPECT_EQ(features[3].group, FeatureGroup::kProduct);
  EXPECT_EQ(features[3].unit, "name");
}

TEST(InferSchema, TakesGroupUnitAndRangeFromTheCampaignSchemaWhereTheTableIsSaidToHaveIt) {
  const CsvTable csv = ReadCsvOrFail("price,discount_rate,roi\n1,0.1,1\n2,0.2,2\n");
  ColumnOverride discount{"discount_rate"};
  discount.allowed = ValueRange();
  SchemaHints hints;
  hints.campaign_schema = true;
  const auto inferred = InferSchema(csv.table, {"roi", "", ""}, {discount}, hints);
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  const std::vector<Feature>& features = inferred->schema.features;
  ASSERT_EQ(features.size(), 2u);
  EXPECT_EQ(features[0].group, FeatureGroup::kProduct);
  EXPECT_EQ(features[0].unit, "currency");
  EXPECT_FALSE(features[0].Allows(0.0));
  // A rule can be taken away.
  EXPECT_TRUE(features[1].Allows(35.0));
}

TEST(InferSchema, ARangeIsARuleForNumbersAlone) {
  const CsvTable csv = ReadCsvOrFail("price,channel,roi\n1,a,1\n2,b,2\n");
  ColumnOverride price{"price"};
  price.allowed = ValueRange{0.5, 10};
  const auto inferred = InferSchema(csv.table, {"roi", "", ""}, {price});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_EQ(AllowedRange(inferred->schema.features[0]), "0.5 to 10");
  ColumnOverride channel{"channel"};
  channel.allowed = ValueRange{0, 1};
  EXPECT_EQ(InferSchema(csv.table, {"roi", "", ""}, {channel}).status().message(),
            "columns[0] \"channel\".allowed (--range): expected a numeric column, got a categorical one");
}

TEST(InferSchema, NumbersThatNameSomethingAreWordsOrLeftOut) {
  std::string text = "Campaign ID,zip,paid,roi\n";
  for (int i = 0; i < 100; ++i)
    absl::StrAppend(&text, 500 + i * 7, ",", 10115 + i % 10, ",", i % 30, ".5,0.", i % 7, "\n");
  const CsvTable csv = ReadCsvOrFail(text);
  const auto inferred = InferSchema(csv.table, {"roi", "", ""}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Reasons(*inferred), UnorderedElementsAre(Pair("Campaign ID", "identifier-like"), Pair("roi", "target")));
  ASSERT_THAT(Names(inferred->schema), ElementsAre("zip", "paid"));
  EXPECT_EQ(inferred->schema.features[0].kind, FeatureKind::kCategorical);
  EXPECT_EQ(inferred->schema.features[1].kind, FeatureKind::kNumeric);
}

TEST(InferSchema, OutcomesAreLeftOutWithTheFlagThatIncludesThem) {
  const CsvTable csv =
      ReadCsvOrFail("spend,Cost per result,Clicks,conversion_goal,roi\n1,2,5,sale,1\n2,3,6,lead,2\n3,4,8,sale,0.5\n");
  const auto inferred = InferSchema(csv.table, {"roi", "", "spend"}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("spend", "Clicks", "conversion_goal"));
  ASSERT_EQ(inferred->warnings.size(), 2u);
  EXPECT_EQ(inferred->warnings[0].message, "\"Cost per result\" is known only after a campaign, so it is no input");
  EXPECT_THAT(inferred->warnings[0].flags, ElementsAre("--include 'Cost per result'"));
  EXPECT_EQ(inferred->warnings[1].message,
            "\"Clicks\" is known exactly only after a campaign: predictions need planned values");
  EXPECT_THAT(inferred->warnings[1].flags, ElementsAre("--exclude Clicks"));

  ColumnOverride keep{"Cost per result"};
  keep.include = true;
  const auto kept = InferSchema(csv.table, {"roi", "", "spend"}, {keep});
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_THAT(Names(kept->schema), ElementsAre("spend", "Cost per result", "Clicks", "conversion_goal"));
}

TEST(InferSchema, WarnsOfInputsThatMayBeOutcomes) {
  const CsvTable csv =
      ReadCsvOrFail("spend,Phone orders,Branch purchases,Key events,roi\n1,2,5,1,1\n2,3,6,2,2\n3,4,8,5,0.5\n");
  const auto inferred = InferSchema(csv.table, {"roi", "", "spend"}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_THAT(Names(inferred->schema), ElementsAre("spend", "Phone orders", "Branch purchases"));
  ASSERT_EQ(inferred->warnings.size(), 2u);
  EXPECT_EQ(inferred->warnings[0].column, "Key events");
  EXPECT_TRUE(inferred->warnings[1].serious);
  EXPECT_EQ(
      inferred->warnings[1].message,
      "\"Phone orders\", \"Branch purchases\" are inputs, but may be known only after a campaign: leave out what is");
  EXPECT_THAT(inferred->warnings[1].flags, ElementsAre("--exclude 'Phone orders' --exclude 'Branch purchases'"));
  // Who asked for them knows.
  ColumnOverride orders{"Phone orders"}, purchases{"Branch purchases"};
  orders.include = purchases.include = true;
  const auto kept = InferSchema(csv.table, {"roi", "", "spend"}, {orders, purchases});
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->warnings.size(), 1u);
}

TEST(InferSchema, GivesAFullCampaignTableTheDefaultOrder) {
  Table table;
  const Schema& campaign = CampaignSchema();
  for (int i = campaign.size() - 1; i >= 0; --i) {
    Column column;
    column.name = campaign.features[i].name;
    column.kind = campaign.features[i].kind;
    if (column.kind == FeatureKind::kCategorical) {
      column.codes = {0, 1};
      column.dictionary = {"a", "b"};
    } else {
      column.numbers = {0.5, 1};
    }
    ASSERT_TRUE(table.AddColumn(column).ok());
  }
  Column roi;
  roi.name = "roi";
  roi.numbers = {1, 2};
  ASSERT_TRUE(table.AddColumn(roi).ok());
  const auto inferred = InferSchema(table, {"roi", "", ""}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_EQ(Names(inferred->schema), Names(campaign));
}

TEST(InferSchema, RefusesImpossibleOverrides) {
  const CsvTable csv = ReadCsvOrFail("price,channel,roi\n1,a,1\n2,b,2\n");
  const auto message = [&](const std::vector<ColumnOverride>& overrides) {
    const auto inferred = InferSchema(csv.table, {"roi", "", ""}, overrides);
    EXPECT_EQ(inferred.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(inferred.status().message());
  };
  EXPECT_EQ(message({{"prize"}}),
            "columns[0] \"prize\": no column \"prize\", the nearest is \"price\"; the columns are price, channel, roi");
  EXPECT_EQ(message({{"price"}, {"price"}}), "columns[1] \"price\": expected one entry per column, got two");
  EXPECT_EQ(message({{"channel", FeatureKind::kNumeric}}),
            "columns[0] \"channel\": expected numeric values, got categorical ones");
  EXPECT_THAT(
      message({{"price", {}, true}, {"channel", {}, true}}),
      HasSubstr("expected at least one feature, got none; left out: price (excluded), channel (excluded), roi"));
}

TEST(ConvertKinds, ConvertsNumbersToCategoriesButNotBack) {
  Table table = ReadCsvOrFail("browser,channel\n2,a\n2.5,b\nNA,a\n2,b\n").table;
  ASSERT_TRUE(ConvertKinds({{"browser", FeatureKind::kCategorical}}, table).ok());
  EXPECT_EQ(table.columns()[0].kind, FeatureKind::kCategorical);
  EXPECT_THAT(table.columns()[0].dictionary, ElementsAre("2", "2.5"));
  EXPECT_THAT(table.columns()[0].codes, ElementsAre(0, 1, kMissingCode, 0));
  const absl::Status status = ConvertKinds({{"channel", FeatureKind::kNumeric}}, table);
  EXPECT_EQ(status.message(), "columns[0] \"channel\": expected numeric values, got categories such as \"a\"");
}

}  // namespace
}  // namespace roicast
