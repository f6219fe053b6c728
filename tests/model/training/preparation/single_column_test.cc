#include "model/training/preparation/single_column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "base/random.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Rows 0 … fit − 1 to learn from, the next `test` ones to measure on.
struct Rows {
  std::vector<int64_t> fit, test;

  Rows(int64_t fit_rows, int64_t test_rows) : fit(fit_rows), test(test_rows) {
    std::iota(fit.begin(), fit.end(), int64_t{0});
    std::iota(test.begin(), test.end(), fit_rows);
  }
};

std::vector<double> Normal(int n, uint64_t seed) {
  Random random(seed);
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back(random.Normal());
  return values;
}

Column Numbers(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.numbers = std::move(values);
  return column;
}

// x plus noise of which the share 1 − r2 of the sum's variance comes.
std::vector<double> WithNoise(const std::vector<double>& x, double r2, uint64_t seed) {
  const std::vector<double> noise = Normal(static_cast<int>(x.size()), seed);
  std::vector<double> sum;
  for (size_t i = 0; i < x.size(); ++i) sum.push_back(std::sqrt(r2) * x[i] + std::sqrt(1.0 - r2) * noise[i]);
  return sum;
}

TEST(SingleColumnR2, MeasuresTheShareThatANumberExplains) {
  const std::vector<double> x = Normal(5000, 1);
  const Rows rows(4000, 1000);
  for (const double share : {0.99, 0.9, 0.5}) {
    EXPECT_NEAR(SingleColumnR2(Numbers("x", x), WithNoise(x, share, 2), rows.fit, rows.test), share, 0.03);
  }
  EXPECT_NEAR(SingleColumnR2(Numbers("x", x), Normal(5000, 3), rows.fit, rows.test), 0.0, 0.03);
}

TEST(SingleColumnR2, FollowsCurvesAndLongLines) {
  const std::vector<double> x = Normal(5000, 1);
  const Rows rows(4000, 1000);
  std::vector<double> curve, parabola, huge;
  for (const double value : x) {
    curve.push_back(std::exp(-0.7 * value));
    parabola.push_back(value * value);
    huge.push_back(std::exp(3.0 * value));
  }
  EXPECT_GT(SingleColumnR2(Numbers("x", x), curve, rows.fit, rows.test), 0.95);
  EXPECT_GT(SingleColumnR2(Numbers("x", x), parabola, rows.fit, rows.test), 0.95);
  // A line beyond the largest value that was learnt from.
  std::vector<double> less_one;
  for (const double value : huge) less_one.push_back(value - 1.0);
  EXPECT_GT(SingleColumnR2(Numbers("roas", huge), less_one, rows.fit, rows.test), 0.999);
}

TEST(SingleColumnR2, LearnsFromFewRows) {
  const std::vector<double> x = Normal(57, 1);
  const Rows rows(43, 14);
  EXPECT_GT(SingleColumnR2(Numbers("x", x), x, rows.fit, rows.test), 0.999);
  const Rows fewer(48, 9);
  EXPECT_EQ(SingleColumnR2(Numbers("x", x), x, fewer.fit, fewer.test), 0.0);
}

TEST(SingleColumnR2, TakesMissingValuesForAGroup) {
  std::vector<double> x = Normal(1000, 1), target = x;
  for (size_t i = 0; i < x.size(); i += 3) {
    x[i] = kNaN;
    target[i] = 4.0;
  }
  const Rows rows(800, 200);
  EXPECT_GT(SingleColumnR2(Numbers("x", x), target, rows.fit, rows.test), 0.99);
  const std::vector<double> nothing(1000, kNaN);
  EXPECT_NEAR(SingleColumnR2(Numbers("x", nothing), target, rows.fit, rows.test), 0.0, 0.05);
}

TEST(SingleColumnR2, MeasuresTheShareThatCategoriesExplain) {
  Column column;
  column.name = "band";
  column.kind = FeatureKind::kCategorical;
  std::vector<double> target = Normal(2000, 1);
  for (int i = 0; i < 2000; ++i) {
    const int32_t code = i % 7 - 1;  // −1: missing
    column.codes.push_back(code);
    target[i] = code * 3.0 + 0.1 * target[i];
  }
  column.dictionary = {"a", "b", "c", "d", "e", "f"};
  const Rows rows(1600, 400);
  EXPECT_GT(SingleColumnR2(column, target, rows.fit, rows.test), 0.99);
}

TEST(SingleColumnR2, LearnsNothingFromACategoryPerRow) {
  Column column;
  column.kind = FeatureKind::kCategorical;
  for (int i = 0; i < 1000; ++i) {
    column.codes.push_back(i);
    column.dictionary.push_back("name " + std::to_string(i));
  }
  const Rows rows(800, 200);
  EXPECT_NEAR(SingleColumnR2(column, Normal(1000, 1), rows.fit, rows.test), 0.0, 0.02);
}

TEST(SingleColumnWarnings, NameTheColumnAndTheFlagThatDropsIt) {
  const std::vector<double> x = Normal(2000, 1);
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("fair", WithNoise(x, 0.9, 5))).ok());
  ASSERT_TRUE(table.AddColumn(Numbers("Purchase ROAS, Joe's", x)).ok());
  const Rows rows(1600, 400);
  const std::vector<DataWarning> warnings = SingleColumnWarnings(table, nullptr, x, rows.fit, rows.test);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(warnings[0].serious);
  EXPECT_EQ(warnings[0].column, "Purchase ROAS, Joe's");
  EXPECT_TRUE(absl::StartsWith(warnings[0].message,
                               "\"Purchase ROAS, Joe's\" alone explains 100.0 % of the target on 400 rows"))
      << warnings[0].message;
  EXPECT_THAT(warnings[0].flags, ElementsAre("--exclude 'Purchase ROAS, Joe'\\''s'"));
}

TEST(SingleColumnWarnings, AreSilentAboutAColumnThatExplainsNinetyPercent) {
  const std::vector<double> x = Normal(2000, 1);
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("x", x)).ok());
  const Rows rows(1600, 400);
  EXPECT_THAT(SingleColumnWarnings(table, nullptr, WithNoise(x, 0.9, 2), rows.fit, rows.test), IsEmpty());
  EXPECT_EQ(SingleColumnWarnings(table, nullptr, WithNoise(x, 0.98, 2), rows.fit, rows.test).size(), 1u);
}

// A revenue whose name nobody knows, beside an ROI: neither of the two columns explains it.
TEST(SingleColumnWarnings, NameAColumnThatBySpendIsTheRoas) {
  const std::vector<double> size = Normal(1000, 1), result = Normal(1000, 2), other = Normal(1000, 3);
  std::vector<double> spend, takings, fee, roi;
  for (size_t i = 0; i < size.size(); ++i) {
    spend.push_back(1000.0 * std::exp(1.5 * size[i]));
    roi.push_back(std::exp(0.4 * result[i]) - 1.0);
    takings.push_back(spend[i] * (roi[i] + 1.0) * 0.8);
    fee.push_back(spend[i] * std::exp(0.1 * other[i]));
  }
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("Spend", spend)).ok());
  ASSERT_TRUE(table.AddColumn(Numbers("Takings", takings)).ok());
  ASSERT_TRUE(table.AddColumn(Numbers("Fee", fee)).ok());
  const Rows rows(800, 200);
  const Column spend_column = Numbers("Spend", spend);
  const std::vector<DataWarning> warnings = SingleColumnWarnings(table, &spend_column, roi, rows.fit, rows.test);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(warnings[0].serious);
  EXPECT_EQ(warnings[0].column, "Takings");
  EXPECT_THAT(warnings[0].message, StartsWith("\"Takings\" / \"Spend\" explains "));
  EXPECT_THAT(warnings[0].flags, ElementsAre("--exclude Takings"));
  EXPECT_THAT(SingleColumnWarnings(table, nullptr, roi, rows.fit, rows.test), IsEmpty());
}

// Where the revenue hardly varies, 1 / spend is the ROAS, and so is the quotient of anything that hardly varies.
TEST(SingleColumnWarnings, AreSilentWhereTheSpendMakesTheQuotient) {
  const std::vector<double> size = Normal(480, 1), noise = Normal(480, 2);
  std::vector<double> spend, fee, roi;
  for (size_t i = 0; i < size.size(); ++i) {
    spend.push_back(1000.0 * std::exp(1.5 * size[i]));
    fee.push_back(250.0 + noise[i]);
    roi.push_back(1500.0 / spend[i] - 1.0);
  }
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("Fee", fee)).ok());
  const Rows rows(384, 96);
  const Column spend_column = Numbers("Spend", spend);
  EXPECT_THAT(SingleColumnWarnings(table, &spend_column, roi, rows.fit, rows.test), IsEmpty());
}

// A target of 200 rows, and a word for each.
std::vector<DataWarning> WarningsOfWords(const std::vector<double>& target, const std::vector<int>& codes,
                                         const std::string& name) {
  Column column;
  column.name = name;
  column.kind = FeatureKind::kCategorical;
  column.dictionary = WordList{"a", "b", "c"};
  for (const int code : codes) column.codes.push_back(code);
  Table table;
  EXPECT_TRUE(table.AddColumn(std::move(column)).ok());
  const Rows rows(160, 40);
  return SingleColumnWarnings(table, nullptr, target, rows.fit, rows.test);
}

TEST(SingleColumnWarnings, WordsThatCutTheTargetAreAnOutcome) {
  const std::vector<double> target = Normal(200, 21);
  std::vector<int> cut, mistaken;
  for (const double value : target) cut.push_back(value < -0.3 ? 0 : value < 0.8 ? 1 : 2);
  mistaken = cut;
  for (size_t i = 0; i < mistaken.size(); i += 10) mistaken[i] = (mistaken[i] + 1) % 3;
  const std::vector<DataWarning> warnings = WarningsOfWords(target, cut, "Ampel");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(warnings[0].serious);
  EXPECT_THAT(warnings[0].message, StartsWith("the words of \"Ampel\" cut the target of 200 rows into ranges"));
  EXPECT_THAT(warnings[0].flags, ElementsAre("--exclude Ampel"));
  EXPECT_THAT(WarningsOfWords(target, mistaken, "Ampel"), IsEmpty());
}

TEST(SingleColumnWarnings, WordsOfRowsThatAreFarApartAreNone) {
  std::vector<double> target = Normal(200, 22);
  std::vector<int> codes;
  for (size_t i = 0; i < target.size(); ++i) {
    codes.push_back(static_cast<int>(i % 3));
    target[i] = 0.3 * target[i] + 2.0 * codes.back();
  }
  EXPECT_THAT(WarningsOfWords(target, codes, "Ampel"), IsEmpty());
}

TEST(SingleColumnWarnings, TheBarIsLowerForNamesOfOutcomes) {
  const std::vector<double> x = Normal(200, 23), target = WithNoise(x, 0.85, 24);
  const Rows rows(160, 40);
  for (const char* name : {"Phone orders", "Audience"}) {
    Table table;
    ASSERT_TRUE(table.AddColumn(Numbers(name, x)).ok());
    const bool warned = !SingleColumnWarnings(table, nullptr, target, rows.fit, rows.test).empty();
    EXPECT_EQ(warned, name == std::string("Phone orders")) << name;
  }
}

}  // namespace
}  // namespace roicast
