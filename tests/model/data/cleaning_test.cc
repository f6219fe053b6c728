#include "model/data/cleaning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "model/data/target.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Schema SchemaOf(const Table& table) {
  Schema schema;
  for (const Column& column : table.columns()) {
    schema.features.emplace_back();
    schema.features.back().name = column.name;
    schema.features.back().kind = column.kind;
  }
  return schema;
}

std::vector<double> Range(int from, int to) {
  std::vector<double> values;
  for (int i = from; i <= to; ++i) values.push_back(i);
  return values;
}

TEST(LearnFences, InterpolatesQuantiles) {
  CleaningOptions options;
  options.fence_quantile = 0.06;
  const Fences fences = LearnFences(Range(0, 100), FenceMethod::kQuantile, options);
  EXPECT_NEAR(fences.lower, 6.0, 1e-12);
  EXPECT_NEAR(fences.upper, 94.0, 1e-12);
}

TEST(LearnFences, FewRowsDoNotTellAQuantile) {
  CleaningOptions options;
  options.fence_quantile = 0.001;
  // 4.999 values are expected beyond; Tukey's fences are even further out than half the range.
  Fences fences = LearnFences(Range(0, 4998), FenceMethod::kQuantile, options);
  EXPECT_NEAR(fences.lower, -2499, 1e-9);
  EXPECT_NEAR(fences.upper, 4998 + 2499, 1e-9);
  fences = LearnFences(Range(0, 4999), FenceMethod::kQuantile, options);
  EXPECT_NEAR(fences.lower, 4.999, 1e-9);
  EXPECT_NEAR(fences.upper, 4999 - 4.999, 1e-9);
}

TEST(LearnFences, OfFewRowsClipOnlyWhatIsFarOut) {
  // By their quartiles, 25 and 75, values beyond −125 and 225 are far out.
  std::vector<double> values = Range(0, 100);
  values[0] = -1000;
  values[100] = 210;
  const Fences fences = LearnFences(values, FenceMethod::kQuantile, {});
  EXPECT_NEAR(fences.lower, -1000 + 0.1 * 1001, 1e-9);  // between the lowest two, as no quantile is below
  EXPECT_NEAR(fences.upper, 225, 1e-9);
}

TEST(LearnFences, OfFewSkewedValuesAreThoseOfTheirLogarithms) {
  std::vector<double> values;
  for (int i = 0; i <= 100; ++i) values.push_back(std::exp(0.04 * i));
  // The quartiles of the logarithms are 1 and 3: nothing is far out. Without them e³ + 3 (e³ − e) = 72 would be.
  const Fences fences = LearnFences(values, FenceMethod::kQuantile, {});
  const double range = std::exp(4.0) - 1.0;
  EXPECT_NEAR(fences.lower, 1.0 - 0.5 * range, 1e-9);
  EXPECT_NEAR(fences.upper, std::exp(4.0) + 0.5 * range, 1e-9);
}

TEST(LearnFences, PutsTukeysFencesAroundTheQuartiles) {
  CleaningOptions options;
  options.iqr_factor = 1.5;
  const Fences fences = LearnFences(Range(0, 100), FenceMethod::kIqr, options);
  EXPECT_EQ(fences.lower, 25 - 75);
  EXPECT_EQ(fences.upper, 75 + 75);
}

// There were none, and a network's line went on from durations of 7, 14 and 28 days to an ROI of 1e26 at 2,000.
TEST(LearnFences, AreBeyondAllValuesOfFewLevelsOrWhereTheyWouldCoincide) {
  std::vector<double> flags(1000, 0.0);
  flags[7] = 1.0;
  EXPECT_EQ(LearnFences(flags, FenceMethod::kQuantile, {}).upper, 1.5);
  EXPECT_EQ(LearnFences(flags, FenceMethod::kQuantile, {}).lower, -0.5);
  EXPECT_EQ(LearnFences(flags, FenceMethod::kIqr, {}).upper, 1.5);
  std::vector<double> mostly_zero(1000, 0.0);
  for (int i = 0; i < 20; ++i) mostly_zero[i] = i;
  EXPECT_EQ(LearnFences(mostly_zero, FenceMethod::kIqr, {}).upper, 19 + 9.5);
}

TEST(LearnFences, SetsNoneForNoneOrOneValue) {
  EXPECT_EQ(LearnFences({}, FenceMethod::kQuantile, {}).lower, -kInfinity);
  EXPECT_EQ(LearnFences({3.0, 3.0}, FenceMethod::kQuantile, {}).upper, kInfinity);
  EXPECT_EQ(LearnFences({1.0, 2.0}, FenceMethod::kNone, {}).upper, kInfinity);
}

TEST(LearnLimits, FillsWithTheMedianAndTheMostFrequentCategory) {
  const CsvTable csv = ReadCsvOrFail("x,c,t\n1,a,2024-01-01\n2,b,NA\n10,b,2024-01-03\nNA,NA,2024-01-05\n3,a,NA\n");
  const auto limits = LearnLimits(csv.table, AllRows(csv.table), SchemaOf(csv.table), {});
  ASSERT_TRUE(limits.ok()) << limits.status();
  EXPECT_EQ((*limits)[0].fill_value, 2.5);
  EXPECT_EQ((*limits)[1].fill_value, 0);  // a and b twice: a came first
  EXPECT_EQ((*limits)[2].fill_value, 1704067200 + 2 * 86400);
}

TEST(LearnLimits, UseTheTrainingRowsOnly) {
  std::string text = "x,c\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, i, ",train\n");
  // What follows is held out: were it seen, median, fences, most frequent category and indicator would all be
  // others.
  for (int i = 0; i < 300; ++i) absl::StrAppend(&text, i % 3 == 0 ? "NA" : "1e6", ",holdout\n");
  const CsvTable csv = ReadCsvOrFail(text);
  std::vector<int64_t> training(100);
  std::iota(training.begin(), training.end(), int64_t{0});
  const auto limits = LearnLimits(csv.table, training, SchemaOf(csv.table), {});
  ASSERT_TRUE(limits.ok()) << limits.status();
  EXPECT_EQ((*limits)[0].fill_value, 49.5);
  EXPECT_THAT((*limits)[0].upper_fence, DoubleNear(148.5, 1e-9));
  EXPECT_FALSE((*limits)[0].missing_indicator);
  EXPECT_EQ(csv.table.columns()[1].dictionary[static_cast<int>((*limits)[1].fill_value)], "train");
}

TEST(LearnLimits, AddsAnIndicatorFromHalfAPercentOfMissingCells) {
  const auto indicator = [](int missing, MissingPolicy policy) {
    std::string text = "x,y\n";
    for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, i < missing ? "NA" : absl::StrCat(i), ",1\n");
    const CsvTable csv = ReadCsvOrFail(text);
    CleaningOptions options;
    options.missing = policy;
    return LearnLimits(csv.table, AllRows(csv.table), SchemaOf(csv.table), options)->front().missing_indicator;
  };
  EXPECT_FALSE(indicator(0, MissingPolicy::kImpute));
  EXPECT_FALSE(indicator(4, MissingPolicy::kImpute));
  EXPECT_TRUE(indicator(5, MissingPolicy::kImpute));
  EXPECT_FALSE(indicator(5, MissingPolicy::kDrop));
}

TEST(LearnLimits, FollowsTheRuleOfAColumn) {
  std::string text = "x,y\n";
  for (int i = 0; i <= 100; ++i) absl::StrAppend(&text, i, ",", i, "\n");
  const CsvTable csv = ReadCsvOrFail(text);
  CleaningOptions options;
  options.outlier_rules = {{"x", FenceMethod::kNone, OutlierPolicy::kClip}};
  const auto limits = LearnLimits(csv.table, AllRows(csv.table), SchemaOf(csv.table), options);
  ASSERT_TRUE(limits.ok()) << limits.status();
  EXPECT_EQ((*limits)[0].upper_fence, kInfinity);
  EXPECT_NEAR((*limits)[1].upper_fence, 150, 1e-9);

  options.outlier_rules = {{"z", FenceMethod::kIqr, OutlierPolicy::kDrop}};
  EXPECT_EQ(LearnLimits(csv.table, AllRows(csv.table), SchemaOf(csv.table), options).status().message(),
            "cleaning.outlier_rules[0].column: expected a numeric feature, got \"z\"");
}

TEST(OutlierRuleFor, LeavesTheTargetWithoutFencesUnlessARuleNamesIt) {
  CleaningOptions options;
  EXPECT_EQ(OutlierRuleFor(options, "").method, FenceMethod::kNone);
  EXPECT_EQ(OutlierRuleFor(options, "x").method, FenceMethod::kQuantile);
  options.outlier_rules = {{"", FenceMethod::kIqr, OutlierPolicy::kDrop}};
  EXPECT_EQ(OutlierRuleFor(options, "").method, FenceMethod::kIqr);
  EXPECT_EQ(OutlierRuleFor(options, "").policy, OutlierPolicy::kDrop);
}

TEST(CleaningOptions, NameTheFieldThatIsOutOfRange) {
  CleaningOptions options;
  options.fence_quantile = 0.5;
  EXPECT_EQ(options.Validate().message(), "cleaning.fence_quantile: expected more than 0, less than 0.5, got 0.5");
  options = {};
  options.iqr_factor = 0;
  EXPECT_EQ(options.Validate().message(), "cleaning.iqr_factor: expected more than 0, at most 1e9, got 0");
  options.iqr_factor = 1e308;
  EXPECT_EQ(options.Validate().message(), "cleaning.iqr_factor: expected more than 0, at most 1e9, got 1e+308");
  options = {};
  options.hampel.time_column = "day";
  EXPECT_THAT(std::string(options.Validate().message()), HasSubstr("cleaning.hampel.columns"));
  options.hampel.columns = {"x"};
  options.hampel.half_window = 0;
  EXPECT_THAT(std::string(options.Validate().message()), HasSubstr("cleaning.hampel.half_window"));
  options = {};
  options.outlier_rules = {{"x"}, {"x"}};
  EXPECT_THAT(std::string(options.Validate().message()), HasSubstr("cleaning.outlier_rules[1]"));
}

}  // namespace
}  // namespace roicast
