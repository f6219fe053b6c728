#include "model/features/preprocessor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "model/features/calendar.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Feature Named(const std::string& name, FeatureKind kind) {
  Feature feature;
  feature.name = name;
  feature.kind = kind;
  return feature;
}

// Columns price (numeric), channel (categorical), start (time), 12 rows.
Table TrainingRows() {
  Column price{"price", FeatureKind::kNumeric, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, NAN, 1000}, {}, {}};
  Column channel{"channel",
                 FeatureKind::kCategorical,
                 {},
                 {1, 1, 1, 0, 0, 0, 0, 2, kMissingCode, 3, 3, 3},
                 {"search", "email", "rare", "social"}};
  Column start{"start", FeatureKind::kTime, std::vector<double>(12, 0.0), {}, {}};
  Table table;
  EXPECT_TRUE(table.AddColumn(price).ok());
  EXPECT_TRUE(table.AddColumn(channel).ok());
  EXPECT_TRUE(table.AddColumn(start).ok());
  return table;
}

Schema TrainingSchema() {
  Schema schema;
  schema.features = {Named("price", FeatureKind::kNumeric), Named("channel", FeatureKind::kCategorical),
                     Named("start", FeatureKind::kTime)};
  return schema;
}

std::vector<CleaningLimits> Limits() {
  std::vector<CleaningLimits> limits(3);
  limits[0].fill_value = 5.0;
  limits[0].missing_indicator = true;
  limits[0].lower_fence = 1.0;
  limits[0].upper_fence = 20.0;
  limits[1].fill_value = 0.0;  // "search"
  limits[2].fill_value = 90000.0;
  return limits;
}

Preprocessor Fit(NumericTransform transform, PreprocessingOptions options) {
  auto fitted = FitPreprocessor(TrainingRows(), TrainingSchema(), Limits(),
                                {transform, NumericTransform::kAuto, NumericTransform::kAuto}, options);
  EXPECT_TRUE(fitted.ok()) << fitted.status();
  return *std::move(fitted);
}

PreprocessingOptions MinCount(int count) {
  PreprocessingOptions options;
  options.min_category_count = count;
  return options;
}

TEST(FitPreprocessor, StandardisesFilledAndClippedValues) {
  const Preprocessor fitted = Fit(NumericTransform::kNone, MinCount(2));
  // 1 … 10, 5 (filled), 20 (clipped): mean 80 / 12.
  const FittedFeature& price = fitted.features()[0];
  EXPECT_NEAR(price.center, 80.0 / 12.0, 1e-12);
  EXPECT_NEAR(price.scale, std::sqrt((385.0 + 25.0 + 400.0) / 12.0 - 6400.0 / 144.0), 1e-12);
  EXPECT_EQ(fitted.schema().features[0].seen_min, 1.0);
  EXPECT_EQ(fitted.schema().features[0].seen_max, 20.0);
  EXPECT_TRUE(price.missing_indicator);
}

TEST(FitPreprocessor, RobustScaleUsesMedianAndQuartiles) {
  PreprocessingOptions options = MinCount(2);
  options.scale = NumericScale::kRobust;
  const Preprocessor fitted = Fit(NumericTransform::kNone, options);
  // Sorted: 1 2 3 4 5 5 6 7 8 9 10 20.
  EXPECT_NEAR(fitted.features()[0].center, 5.5, 1e-12);
  EXPECT_NEAR(fitted.features()[0].scale, 8.25 - 3.75, 1e-12);
}

TEST(FitPreprocessor, VocabularyIsOrderedByFrequencyThenNameWithoutRareWords) {
  const Preprocessor fitted = Fit(NumericTransform::kNone, MinCount(2));
  EXPECT_THAT(fitted.schema().features[1].vocabulary, ElementsAre("search", "email", "social"));
  EXPECT_EQ(fitted.features()[1].fill_value, 0.0);
  PreprocessingOptions two = MinCount(2);
  two.max_vocabulary = 2;
  EXPECT_THAT(Fit(NumericTransform::kNone, two).schema().features[1].vocabulary, ElementsAre("search", "email"));
}

TEST(FitPreprocessor, FillOfARareCategoryIsOther) {
  const Preprocessor fitted = Fit(NumericTransform::kNone, MinCount(5));
  EXPECT_TRUE(fitted.schema().features[1].vocabulary.empty());
  EXPECT_EQ(fitted.features()[1].fill_value, 0.0);  // the only bucket, "other"
}

TEST(FitPreprocessor, TimeFillIsInHours) {
  EXPECT_EQ(Fit(NumericTransform::kNone, MinCount(2)).features()[2].fill_value, 25.0);
}

TEST(FitPreprocessor, ChoosesTheTransformFromTheValues) {
  const auto chosen = [](const std::vector<double>& numbers) {
    Table table;
    EXPECT_TRUE(table.AddColumn({"x", FeatureKind::kNumeric, numbers, {}, {}}).ok());
    Schema schema;
    schema.features = {Named("x", FeatureKind::kNumeric)};
    const auto fitted = FitPreprocessor(table, schema, std::vector<CleaningLimits>(1), {NumericTransform::kAuto}, {});
    EXPECT_TRUE(fitted.ok()) << fitted.status();
    return fitted->features()[0].transform;
  };
  Random random(1);
  std::vector<double> normal, lognormal, heavy;
  for (int i = 0; i < 5000; ++i) {
    normal.push_back(random.Normal());
    lognormal.push_back(std::exp(1.5 * random.Normal()));
    heavy.push_back((random.Below(2) == 1 ? 1.0 : -1.0) * std::exp(1.5 * random.Normal()));
  }
  EXPECT_EQ(chosen(normal), NumericTransform::kNone);
  EXPECT_EQ(chosen(lognormal), NumericTransform::kLog1p);
  EXPECT_EQ(chosen(heavy), NumericTransform::kAsinh);
  EXPECT_EQ(chosen(std::vector<double>(10, 3.0)), NumericTransform::kNone);
}

TEST(FitPreprocessor, Log1pOfNegativeValuesIsRefused) {
  Table table;
  ASSERT_TRUE(table.AddColumn({"x", FeatureKind::kNumeric, {-2.0, 1.0}, {}, {}}).ok());
  Schema schema;
  schema.features = {Named("x", FeatureKind::kNumeric)};
  const auto fitted = FitPreprocessor(table, schema, std::vector<CleaningLimits>(1), {NumericTransform::kLog1p}, {});
  EXPECT_EQ(fitted.status().message(), "feature \"x\": log1p needs values ≥ 0, the smallest is -2");
}

TEST(FitPreprocessor, AConstantFeatureHasScaleOne) {
  Table table;
  ASSERT_TRUE(table.AddColumn({"x", FeatureKind::kNumeric, std::vector<double>(7, 0.1), {}, {}}).ok());
  Schema schema;
  schema.features = {Named("x", FeatureKind::kNumeric)};
  const auto fitted = FitPreprocessor(table, schema, std::vector<CleaningLimits>(1), {NumericTransform::kNone}, {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->features()[0].scale, 1.0);
}

// Folded into the first layer, 1 / scale left float32, and a job failed after all its epochs.
TEST(FitPreprocessor, ValuesTooSmallForFloatWeightsCountAsConstant) {
  Table table;
  ASSERT_TRUE(table.AddColumn({"x", FeatureKind::kNumeric, {1e-42, 2e-42, 7e-42, 3e-42}, {}, {}}).ok());
  Schema schema;
  schema.features = {Named("x", FeatureKind::kNumeric)};
  const auto preprocessor =
      FitPreprocessor(table, schema, std::vector<CleaningLimits>(1), {NumericTransform::kAuto}, {});
  ASSERT_TRUE(preprocessor.ok()) << preprocessor.status();
  EXPECT_EQ(preprocessor->features()[0].scale, 1.0);
}

TEST(Preprocessor, EncodesEachKind) {
  Schema schema = TrainingSchema();
  schema.features[1].vocabulary = {"search", "email"};
  std::vector<FittedFeature> features(3);
  features[0].center = 10.0;
  features[0].scale = 2.0;
  features[0].fill_value = 12.0;
  features[0].missing_indicator = true;
  features[1].fill_value = 1.0;
  features[2].month = features[2].weekday = true;
  const auto preprocessor = Preprocessor::Create(schema, features);
  ASSERT_TRUE(preprocessor.ok()) << preprocessor.status();
  ASSERT_EQ(preprocessor->encoded_size(), 9);
  // Price and whether it is missing; search, email, other; sine and cosine of the month, then of the weekday.
  std::vector<float> encoded(9);
  // 1970-04-01 was a Wednesday: 90 days.
  const float row[] = {14.0f, 0.0f, 90 * 24.0f};
  preprocessor->EncodeRow(row, encoded.data());
  const double weekday = 2.0 * M_PI * 2.0 / 7.0;
  EXPECT_THAT(encoded, ElementsAre(2.0f, 0.0f, 1.0f, 0.0f, 0.0f, 1.0f, ::testing::FloatNear(0.0f, 1e-7f),
                                   ::testing::FloatEq(static_cast<float>(std::sin(weekday))),
                                   ::testing::FloatEq(static_cast<float>(std::cos(weekday)))));
  const float missing[] = {kMissing, kMissing, kMissing};
  preprocessor->EncodeRow(missing, encoded.data());
  EXPECT_EQ(encoded[0], 1.0f);
  EXPECT_EQ(encoded[1], 1.0f);
  EXPECT_EQ(encoded[3], 1.0f);
}

TEST(Preprocessor, UnseenCategoryUsesTheOtherBucket) {
  const Preprocessor fitted = Fit(NumericTransform::kNone, MinCount(2));
  std::vector<float> encoded(fitted.encoded_size());
  const float row[] = {1.0f, kUnseenCode, 0.0f};
  fitted.EncodeRow(row, encoded.data());
  const int channel = fitted.offset(1);
  EXPECT_EQ(encoded[channel + 3], 1.0f);
  EXPECT_EQ(encoded[channel] + encoded[channel + 1] + encoded[channel + 2], 0.0f);
}

TEST(Preprocessor, ParametersOutOfRangeAreRefusedByName) {
  Schema schema;
  schema.features = {Named("x", FeatureKind::kNumeric)};
  const auto message = [&](FittedFeature fitted) {
    return std::string(Preprocessor::Create(schema, {fitted}).status().message());
  };
  FittedFeature fitted;
  fitted.scale = 0.0;
  EXPECT_EQ(message(fitted), "features[0] \"x\": scale: expected > 0, got 0");
  fitted = {};
  fitted.clip_min = NAN;
  EXPECT_THAT(message(fitted), HasSubstr("clip range"));
  fitted = {};
  fitted.transform = NumericTransform::kLog1p;
  EXPECT_EQ(message(fitted), "features[0] \"x\": clip_min: expected ≥ 0 under log1p, got -inf");
  schema.features.push_back(schema.features[0]);
  EXPECT_THAT(std::string(Preprocessor::Create(schema, {{}, {}}).status().message()), HasSubstr("name is taken"));
}

TEST(ClassifyRawValue, DistinguishesUsualWarnedAndRefusedValues) {
  Feature price = Named("price", FeatureKind::kNumeric);
  price.allowed_min = 0.0;
  price.allowed_min_exclusive = true;
  price.seen_min = 1.0;
  price.seen_max = 10.0;
  EXPECT_EQ(ClassifyRawValue(price, 10.0f), RawValue::kUsual);
  EXPECT_EQ(ClassifyRawValue(price, 0.5f), RawValue::kOutOfRange);
  EXPECT_EQ(ClassifyRawValue(price, 0.0f), RawValue::kNotAllowed);
  EXPECT_EQ(ClassifyRawValue(price, kMissing), RawValue::kMissing);
  EXPECT_EQ(ClassifyRawValue(price, static_cast<float>(kInfinity)), RawValue::kNotFinite);
  const Feature time = Named("t", FeatureKind::kTime);
  EXPECT_EQ(ClassifyRawValue(time, static_cast<float>(kMinHours)), RawValue::kUsual);
  EXPECT_EQ(ClassifyRawValue(time, static_cast<float>(kMinHours - 1)), RawValue::kNotAllowed);
  EXPECT_EQ(ClassifyRawValue(time, static_cast<float>(kMaxHours + 1)), RawValue::kNotAllowed);
}

// A model of January to June said nothing of October, nor of a year ten years later.
TEST(ClassifyRawValue, TimesOutsideOfTrainingAreOutOfRange) {
  const auto at = [](int year, unsigned month, unsigned day) {
    const std::chrono::sys_days date = std::chrono::year(year) / month / day;
    return static_cast<float>(date.time_since_epoch().count() * 24);
  };
  Feature time = Named("t", FeatureKind::kTime);
  time.seen_min = at(2024, 1, 1);
  time.seen_max = at(2024, 6, 30);
  EXPECT_EQ(ClassifyRawValue(time, at(2024, 6, 30)), RawValue::kUsual);
  EXPECT_EQ(ClassifyRawValue(time, at(2023, 12, 31)), RawValue::kOutOfRange);
  EXPECT_EQ(ClassifyRawValue(time, at(2024, 12, 28)), RawValue::kUsual);  // as long again as training covers
  EXPECT_EQ(ClassifyRawValue(time, at(2024, 12, 29)), RawValue::kOutOfRange);
  time.seen_months = 0x3F;
  EXPECT_EQ(ClassifyRawValue(time, at(2024, 10, 1)), RawValue::kOutOfRange);
  EXPECT_EQ(ClassifyRawValue(time, at(2024, 3, 1)), RawValue::kUsual);
  time.seen_months = kAllMonths;
  time.seen_min = at(2019, 1, 1);
  EXPECT_EQ(ClassifyRawValue(time, at(2025, 6, 30)), RawValue::kUsual);  // at most a year
  EXPECT_EQ(ClassifyRawValue(time, at(2025, 7, 2)), RawValue::kOutOfRange);
}

TEST(FitPreprocessor, KeepsTheTimesOfTheTrainingRows) {
  const Feature start = Fit(NumericTransform::kNone, MinCount(2)).schema().features[2];
  EXPECT_EQ(start.seen_min, 0.0);
  EXPECT_EQ(start.seen_max, 0.0);
  EXPECT_EQ(start.seen_months, 1);  // January 1970
}

// A data frame writes 1.0 where the training table had 1; and NA is no unseen word.
TEST(ToRawRows, LooksWordsUpAsRequestsDo) {
  Schema schema;
  schema.features.resize(1);
  schema.features[0].name = "tier";
  schema.features[0].kind = FeatureKind::kCategorical;
  schema.features[0].vocabulary = {"1", "2"};
  Column tier;
  tier.name = "tier";
  tier.kind = FeatureKind::kCategorical;
  tier.dictionary = {"2.0", "1", "7", "NA"};
  tier.codes = {0, 1, 2, 3};
  Table table;
  ASSERT_TRUE(table.AddColumn(tier).ok());
  const RowMajorMatrix raw = ToRawRows(table, schema);
  EXPECT_EQ(raw(0, 0), 1.0f);
  EXPECT_EQ(raw(1, 0), 0.0f);
  EXPECT_EQ(raw(2, 0), kUnseenCode);
  EXPECT_TRUE(std::isnan(raw(3, 0)));
}

TEST(ToRawRows, MapsDictionariesToVocabulariesAndTimesToHours) {
  Schema schema = TrainingSchema();
  schema.features[1].vocabulary = {"social", "search"};
  schema.features.push_back(Named("absent", FeatureKind::kNumeric));
  const RowMajorMatrix raw = ToRawRows(TrainingRows(), schema);
  ASSERT_EQ(raw.rows(), 12);
  EXPECT_EQ(raw(0, 0), 1.0f);
  EXPECT_TRUE(std::isnan(raw(10, 0)));
  EXPECT_EQ(raw(0, 1), kUnseenCode);  // email
  EXPECT_EQ(raw(3, 1), 1.0f);         // search
  EXPECT_EQ(raw(9, 1), 0.0f);         // social
  EXPECT_TRUE(std::isnan(raw(8, 1)));
  EXPECT_EQ(raw(5, 2), 0.0f);
  EXPECT_TRUE(std::isnan(raw(0, 3)));
}

TEST(Calendar, KnowsDatesAroundLeapDays) {
  const auto month_day = [](int year, int month, int day) {
    const std::chrono::sys_days date = std::chrono::year(year) / month / day;
    return PartsOfHour(date.time_since_epoch().count() * 24 + 23);
  };
  EXPECT_EQ(month_day(2000, 2, 29).month, 1);
  EXPECT_EQ(month_day(1900, 3, 1).month, 2);
  EXPECT_EQ(month_day(2100, 2, 28).month, 1);
  EXPECT_EQ(month_day(2100, 3, 1).month, 2);
  EXPECT_EQ(month_day(2199, 12, 31).month, 11);
  EXPECT_EQ(month_day(2026, 11, 23).weekday, 0);
  EXPECT_EQ(month_day(2026, 11, 23).hour, 23);
}

// Days since 1970.
Preprocessor FitTrend(std::vector<double> days, const PreprocessingOptions& options) {
  Table table;
  Column column;
  column.name = "t";
  column.kind = FeatureKind::kTime;
  for (const double day : days) column.numbers.push_back(day * 86400.0);
  EXPECT_TRUE(table.AddColumn(std::move(column)).ok());
  Schema schema;
  schema.features.push_back({});
  schema.features[0].name = "t";
  schema.features[0].kind = FeatureKind::kTime;
  auto fitted = FitPreprocessor(table, schema, std::vector<CleaningLimits>(1), {NumericTransform::kAuto}, options);
  EXPECT_TRUE(fitted.ok()) << fitted.status();
  return *std::move(fitted);
}

// 1970-01-02, -05 and -09.
Preprocessor FitTrendOfThreeDays(int ramps) {
  PreprocessingOptions options;
  options.trend = true;
  options.ramps = ramps;
  return FitTrend({1, 4, 8}, options);
}

TEST(Trend, IsStraightWithoutRamps) {
  PreprocessingOptions options;
  options.trend = true;
  options.ramps = 8;
  const std::vector<double> days = {1, 3, 5, 7, 9};
  EXPECT_THAT(FitTrend(days, options).features()[0].ramps, ::testing::SizeIs(5));
  options.trend_ramps = false;
  const Preprocessor straight = FitTrend(days, options);
  EXPECT_THAT(straight.features()[0].ramps, ::testing::IsEmpty());
  EXPECT_TRUE(straight.features()[0].trend);
  EXPECT_EQ(straight.encoded_size(), 5);
}

TEST(Trend, FollowsTheCyclesAndStaysWithinTheTrainingRows) {
  const Preprocessor preprocessor = FitTrendOfThreeDays(0);
  const FittedFeature& fitted = preprocessor.features()[0];
  EXPECT_TRUE(fitted.trend);
  EXPECT_EQ(fitted.clip_min, 24.0);
  EXPECT_EQ(fitted.clip_max, 192.0);
  EXPECT_EQ(preprocessor.encoded_size(), 5);
  EXPECT_EQ(preprocessor.numeric_offset(0), 4);
  const auto trend_at = [&](float hours) {
    float encoded[5];
    preprocessor.EncodeRow(&hours, encoded);
    return encoded[4];
  };
  EXPECT_NEAR(trend_at(104.0f), 0.0f, 1e-6);  // the mean
  EXPECT_NEAR(trend_at(192.0f), 88.0 / fitted.scale, 1e-6);
  EXPECT_EQ(trend_at(5000.0f), trend_at(192.0f));
  EXPECT_EQ(trend_at(0.0f), trend_at(24.0f));
}

TEST(HalfYear, IsTheSecondHarmonicOfTheMonthBehindIt) {
  Preprocessor plain = FitTrendOfThreeDays(0);
  std::vector<FittedFeature> features = plain.features();
  features[0].half_year = true;
  auto preprocessor = Preprocessor::Create(plain.schema(), features);
  ASSERT_TRUE(preprocessor.ok()) << preprocessor.status();
  EXPECT_EQ(preprocessor->encoded_size(), 7);
  EXPECT_EQ(preprocessor->numeric_offset(0), 6);
  const float second_of_april = 91 * 24.0f;
  float encoded[7];
  preprocessor->EncodeRow(&second_of_april, encoded);
  EXPECT_NEAR(encoded[0], 1.0f, 1e-6);  // a quarter of a year
  EXPECT_NEAR(encoded[1], 0.0f, 1e-6);
  EXPECT_NEAR(encoded[2], 0.0f, 1e-6);  // half of half a year
  EXPECT_NEAR(encoded[3], -1.0f, 1e-6);
  features[0].month = false;
  EXPECT_THAT(std::string(Preprocessor::Create(plain.schema(), features).status().message()),
              ::testing::HasSubstr("half_year: expected the month beside it"));
}

TEST(Trend, OfAnArtifactIsChecked) {
  const Preprocessor preprocessor = FitTrendOfThreeDays(0);
  const auto refusal = [&](auto&& spoil) {
    std::vector<FittedFeature> features = preprocessor.features();
    spoil(features[0]);
    return std::string(Preprocessor::Create(preprocessor.schema(), features).status().message());
  };
  EXPECT_EQ(refusal([](FittedFeature& fitted) { fitted.clip_max = 1e300; }),
            "features[0] \"t\": clip range: expected hours within the years 1900 to 2199, got 24 and 1e+300");
  EXPECT_EQ(refusal([](FittedFeature& fitted) { fitted.clip_max = 23.0; }),
            "features[0] \"t\": clip range: expected clip_min ≤ clip_max, got 24 and 23");
  EXPECT_EQ(refusal([](FittedFeature& fitted) { fitted.scale = 0.0; }),
            "features[0] \"t\": scale: expected > 0, got 0");
  EXPECT_EQ(refusal([](FittedFeature& fitted) { fitted.transform = NumericTransform::kLog1p; }),
            "features[0] \"t\": transform: expected none of a time");
  EXPECT_EQ(refusal([](FittedFeature& fitted) {
              fitted.ramps = {2.0, 1.0};
            }),
            "features[0] \"t\": ramps: expected ascending limits, got 2 before 1");
}

FittedFeature FitRamps(const std::vector<double>& values, int ramps, NumericTransform transform) {
  Table table;
  Column column;
  column.name = "x";
  column.numbers = values;
  EXPECT_TRUE(table.AddColumn(std::move(column)).ok());
  Schema schema;
  schema.features.push_back({});
  schema.features[0].name = "x";
  PreprocessingOptions options;
  options.ramps = ramps;
  const auto fitted = FitPreprocessor(table, schema, std::vector<CleaningLimits>(1), {transform}, options);
  EXPECT_TRUE(fitted.ok()) << fitted.status();
  return fitted->features()[0];
}

TEST(Ramps, LieBetweenQuantiles) {
  std::vector<double> values;
  for (int i = 0; i <= 400; ++i) values.push_back(i);
  EXPECT_THAT(FitRamps(values, 4, NumericTransform::kNone).ramps, ElementsAre(0, 100, 200, 300, 400));
  EXPECT_THAT(FitRamps(values, 0, NumericTransform::kNone).ramps, IsEmpty());
}

TEST(Ramps, LieBetweenFewValuesThemselves) {
  std::vector<double> values;
  for (int i = 0; i < 50; ++i) values.insert(values.end(), {1.0, 2.0, 5.0, 9.0});
  EXPECT_THAT(FitRamps(values, 8, NumericTransform::kNone).ramps, ElementsAre(1, 2, 5, 9));
}

TEST(Ramps, NeedRowsAndWidth) {
  // 50 rows are too few for more than two pieces.
  std::vector<double> values;
  for (int i = 0; i < 50; ++i) values.push_back(i);
  EXPECT_THAT(FitRamps(values, 8, NumericTransform::kNone).ramps, SizeIs(3));
  // Most values within a hair's breadth, few far away.
  values.clear();
  for (int i = 0; i < 900; ++i) values.push_back(1.0 + 1e-7 * i);
  for (int i = 0; i < 100; ++i) values.push_back(1000.0 + i);
  const FittedFeature fitted = FitRamps(values, 8, NumericTransform::kNone);
  for (size_t r = 1; r < fitted.ramps.size(); ++r) {
    EXPECT_GE(fitted.ramps[r] - fitted.ramps[r - 1], 0.05 * fitted.scale);
  }
}

TEST(Ramps, AreEncodedFromMinusHalfToHalf) {
  Schema schema;
  schema.features.push_back({});
  schema.features[0].name = "x";
  FittedFeature fitted;
  fitted.missing_indicator = true;
  fitted.ramps = {0.0, 10.0, 30.0};
  const auto preprocessor = Preprocessor::Create(schema, {fitted});
  ASSERT_TRUE(preprocessor.ok()) << preprocessor.status();
  ASSERT_EQ(preprocessor->encoded_size(), 4);
  const auto encode = [&](float x) {
    std::vector<float> encoded(4);
    preprocessor->EncodeRow(&x, encoded.data());
    return encoded;
  };
  EXPECT_THAT(encode(-5.0f), ElementsAre(-5.0f, -0.5f, -0.5f, 0.0f));
  EXPECT_THAT(encode(5.0f), ElementsAre(5.0f, 0.0f, -0.5f, 0.0f));
  EXPECT_THAT(encode(15.0f), ElementsAre(15.0f, 0.5f, -0.25f, 0.0f));
  EXPECT_THAT(encode(99.0f), ElementsAre(99.0f, 0.5f, 0.5f, 0.0f));
}

TEST(Ramps, MustAscend) {
  Schema schema;
  schema.features.push_back({});
  schema.features[0].name = "x";
  FittedFeature fitted;
  fitted.ramps = {0.0, 10.0, 10.0};
  EXPECT_EQ(Preprocessor::Create(schema, {fitted}).status().message(),
            "features[0] \"x\": ramps: expected ascending limits, got 10 before 10");
  fitted.ramps = {0.0};
  EXPECT_EQ(Preprocessor::Create(schema, {fitted}).status().message(),
            "features[0] \"x\": ramps: expected none, or 2 to 65 limits, got 1");
}

}  // namespace
}  // namespace roicast
