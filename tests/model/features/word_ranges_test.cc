#include "model/features/word_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Row {
  double spend;
  std::string channel, region;
};

Column Words(const std::string& name, const std::vector<std::string>& words) {
  std::vector<std::string> dictionary;
  std::vector<int32_t> codes;
  for (const std::string& word : words) {
    const auto at = std::find(dictionary.begin(), dictionary.end(), word);
    codes.push_back(static_cast<int32_t>(at - dictionary.begin()));
    if (at == dictionary.end()) dictionary.push_back(word);
  }
  Column column{name, FeatureKind::kCategorical, {}, codes, {}};
  for (const std::string& word : dictionary) column.dictionary.push_back(word);
  return column;
}

Table MakeTable(const std::vector<Row>& rows) {
  std::vector<double> spends;
  std::vector<std::string> channels, regions;
  for (const Row& row : rows) {
    spends.push_back(row.spend);
    channels.push_back(row.channel);
    regions.push_back(row.region);
  }
  Table table;
  EXPECT_TRUE(table.AddColumn({"spend", FeatureKind::kNumeric, spends, {}, {}}).ok());
  EXPECT_TRUE(table.AddColumn(Words("channel", channels)).ok());
  EXPECT_TRUE(table.AddColumn(Words("region", regions)).ok());
  return table;
}

Preprocessor Fit(const std::vector<Row>& rows) {
  Schema schema;
  schema.features.resize(3);
  schema.features[0].name = "spend";
  schema.features[1].name = "channel";
  schema.features[2].name = "region";
  schema.features[1].kind = schema.features[2].kind = FeatureKind::kCategorical;
  const Table table = MakeTable(rows);
  const auto fitted = FitPreprocessor(table, schema, std::vector<CleaningLimits>(3),
                                      std::vector<NumericTransform>(3, NumericTransform::kAuto), {});
  EXPECT_TRUE(fitted.ok()) << fitted.status();
  auto ranged = WithWordRanges(*fitted, table, 0, nullptr);
  EXPECT_TRUE(ranged.ok()) << ranged.status();
  return *std::move(ranged);
}

// E-mail had 200 to 2,000, video 3,000 to 30,000; regions had either.
std::vector<Row> Campaigns() {
  std::vector<Row> rows;
  for (int i = 0; i < 100; ++i) {
    const std::string region = i / 2 % 2 == 0 ? "north" : "south";
    const double share = std::pow(10.0, i / 99.0);
    rows.push_back({i % 2 == 0 ? 200.0 * share : 3'000.0 * share, i % 2 == 0 ? "email" : "video", region});
  }
  rows[98].spend = 2'000.0;
  rows[1].spend = 3'000.0;
  return rows;
}

TEST(WordRanges, AreKeptWhereAWordHadMuchLessThanAll) {
  const Preprocessor fitted = Fit(Campaigns());
  const Schema& schema = fitted.schema();
  const std::vector<WordRange>& ranges = schema.features[0].word_ranges;
  ASSERT_EQ(ranges.size(), 2u);
  for (const WordRange& range : ranges) {
    EXPECT_EQ(range.feature, 1);
    const bool email = schema.features[1].vocabulary[static_cast<size_t>(range.code)] == "email";
    EXPECT_DOUBLE_EQ(range.min, email ? 200.0 : 3'000.0);
    EXPECT_DOUBLE_EQ(range.max, email ? 2'000.0 : 30'000.0);
  }
  EXPECT_THAT(schema.features[1].word_ranges, IsEmpty());
}

// Few rows of the same population leave some of it out; that says nothing.
TEST(WordRanges, AreNotKeptWhereChanceMakesThem) {
  int kept = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    std::vector<Row> rows;
    for (int i = 0; i < 300; ++i) {
      const std::string channel = std::to_string(i % 10);
      rows.push_back({1'000.0 * std::exp(random.Normal()), "c" + channel, "r" + std::to_string(i % 3)});
    }
    kept += static_cast<int>(Fit(rows).schema().features[0].word_ranges.size());
  }
  EXPECT_LE(kept, 3);  // of 260
}

TEST(WordRanges, ABrokenOneIsOfAWordThatTheRowHas) {
  const Preprocessor fitted = Fit(Campaigns());
  const Feature& spend = fitted.schema().features[0];
  const auto code = [&](const std::string& word) {
    return fitted.schema().features[1].vocabulary[0] == word ? 0.0f : 1.0f;
  };
  const auto outside = [&](float value, float channel) {
    const float row[] = {value, channel, 0.0f};
    EXPECT_EQ(BrokenWordRange(spend, row, value) != nullptr && !std::isnan(value),
              value >= 200.0f && value <= 30'000.0f && IsOutside(spend, row, value));
    return IsOutside(spend, row, value);
  };
  EXPECT_FALSE(outside(2'000.0f, code("email")));
  EXPECT_TRUE(outside(2'001.0f, code("email")));
  EXPECT_TRUE(outside(2'000.0f, code("video")));
  EXPECT_FALSE(outside(3'000.0f, code("video")));
  // An unseen and a missing word had no range; a missing value is in none.
  EXPECT_FALSE(outside(12'000.0f, kUnseenCode));
  EXPECT_FALSE(outside(12'000.0f, NAN));
  EXPECT_FALSE(outside(NAN, code("email")));
}

TEST(WordRanges, TheTableFlagsWhatIsBroken) {
  const Preprocessor fitted = Fit(Campaigns());
  const WordRangeTable table(fitted.schema());
  ASSERT_FALSE(table.empty());
  Random random(5);
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < 1'000; ++i) {
    const float words[] = {0.0f, 1.0f, 2.0f, kUnseenCode, NAN, -1.0f};
    rows.push_back({static_cast<float>(100.0 * std::pow(1'000.0, random.Uniform())),
                    words[static_cast<size_t>(random.Uniform() * 6)],
                    words[static_cast<size_t>(random.Uniform() * 6)]});
  }
  rows[0][0] = NAN;
  rows[1] = {2'000.0f, 0.0f, 0.0f};
  std::vector<uint8_t> flags(rows.size(), 0);
  flags[2] = 1;
  table.Flag(
      1'000, [&](int64_t row, int32_t f) { return rows[static_cast<size_t>(row)][static_cast<size_t>(f)]; },
      flags.data());
  const Feature& spend = fitted.schema().features[0];
  for (size_t i = 3; i < rows.size(); ++i) {
    EXPECT_EQ(flags[i] != 0, BrokenWordRange(spend, rows[i].data(), rows[i][0]) != nullptr) << i;
  }
  EXPECT_EQ(flags[0], 0);
  EXPECT_EQ(flags[2], 1);
  EXPECT_TRUE(WordRangeTable(Schema()).empty());
}

TEST(WordRanges, OfARowCutTheRangeOfTrainingUnlessNothingIsLeft) {
  Feature spend;
  spend.seen_min = 100.0;
  spend.seen_max = 30'000.0;
  spend.word_ranges = {{1, 0, 200.0, 2'000.0}, {2, 0, 500.0, 5'000.0}, {2, 1, 6'000.0, 30'000.0}};
  const float both[] = {0.0f, 0.0f, 0.0f}, contrary[] = {0.0f, 0.0f, 1.0f}, neither[] = {0.0f, 1.0f, NAN};
  const RangeOfRow cut = SeenRangeOf(spend, both);
  EXPECT_EQ(cut.min, 500.0);
  EXPECT_EQ(cut.max, 2'000.0);
  EXPECT_THAT(cut.by, ElementsAre(&spend.word_ranges[0], &spend.word_ranges[1]));
  EXPECT_EQ(SeenRangeOf(spend, contrary).max, 2'000.0);
  EXPECT_EQ(SeenRangeOf(spend, neither).max, 30'000.0);
  EXPECT_THAT(SeenRangeOf(spend, neither).by, IsEmpty());
}

TEST(WordRanges, OfAnArtifactAreNotTrusted) {
  const Preprocessor fitted = Fit(Campaigns());
  const auto refusal = [&](const std::vector<WordRange>& ranges, size_t of = 0) {
    Schema schema = fitted.schema();
    schema.features[0].word_ranges.clear();
    schema.features[of].word_ranges = ranges;
    return std::string(Preprocessor::Create(schema, fitted.features()).status().message());
  };
  EXPECT_EQ(refusal({{1, 0, 1.0, 1.0}, {2, 0, 1.0, 2.0}}), "");
  EXPECT_THAT(refusal({{1, 2, 1.0, 2.0}}), HasSubstr("words of categorical features"));
  EXPECT_THAT(refusal({{1, -1, 1.0, 2.0}}), HasSubstr("words of categorical features"));
  EXPECT_THAT(refusal({{-1, 0, 1.0, 2.0}}), HasSubstr("words of categorical features"));
  EXPECT_THAT(refusal({{3, 0, 1.0, 2.0}}), HasSubstr("words of categorical features"));
  EXPECT_THAT(refusal({{0, 0, 1.0, 2.0}}), HasSubstr("words of categorical features"));
  EXPECT_THAT(refusal({{1, 0, 3.0, 2.0}}), HasSubstr("finite min ≤ max"));
  EXPECT_THAT(refusal({{1, 0, NAN, 2.0}}), HasSubstr("finite min ≤ max"));
  EXPECT_THAT(refusal({{1, 0, 1.0, std::numeric_limits<double>::infinity()}}), HasSubstr("finite min ≤ max"));
  EXPECT_THAT(refusal({{1, 0, 1.0, 2.0}, {1, 0, 1.0, 2.0}}), HasSubstr("each once"));
  EXPECT_THAT(refusal({{1, 0, 1.0, 2.0}}, 1), HasSubstr("of a numeric feature"));
  EXPECT_THAT(refusal(std::vector<WordRange>(kMaxWordRanges + 1)), HasSubstr("at most 256"));
}

}  // namespace
}  // namespace roicast
