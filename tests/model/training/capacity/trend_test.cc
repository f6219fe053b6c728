#include "model/training/capacity/trend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/tables/time_form.h"
#include "model/predictor/predictor.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int64_t kFirstDay = 19000;  // 2022-01-08

// The ROI rises by `drift` over all days, and each day has some noise of its own; `per_day` rows a day.
std::string DriftingCsv(int days, int per_day, double drift, double noise_of_day) {
  Random random(3);
  std::string text = "date,price,roi\n";
  for (int day = 0; day < days; ++day) {
    const double of_day = drift * day / days + noise_of_day * random.Normal();
    for (int i = 0; i < per_day; ++i) {
      const double price = random.Uniform();
      absl::StrAppend(&text, FormatTime((kFirstDay + day) * 86400), ",", price, ",",
                      price + of_day + 0.1 * random.Normal(), "\n");
    }
  }
  return text;
}

std::string Remarks(const Artifact& artifact) {
  std::string remarks;
  for (const DataWarning& warning : artifact.report.cleaning.warnings) {
    if (warning.column == "date") absl::StrAppend(&remarks, warning.message, "\n");
  }
  return remarks;
}

Artifact TrainOn(const std::string& csv) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.network.hidden = {8, 4};
  const auto artifact = TrainModel(ReadCsvOrFail(csv), spec);
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return *artifact;
}

int TimeFeature(const Artifact& artifact) { return artifact.schema.IndexOf("date"); }

TEST(Trend, IsLearntWhereTheTargetDrifts) {
  const Artifact artifact = TrainOn(DriftingCsv(300, 1, 2.0, 0.0));
  const FittedFeature& date = artifact.features[TimeFeature(artifact)];
  EXPECT_TRUE(date.trend);
  // The served model learnt from all rows.
  EXPECT_EQ(date.clip_min, kFirstDay * 24.0);
  EXPECT_EQ(date.clip_max, (kFirstDay + 299) * 24.0);
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.9);
  EXPECT_THAT(Remarks(artifact), HasSubstr("the target drifts with time: on days later than those it learnt from"));
}

// With a price of 0.5.
std::vector<float> PredictDays(const Artifact& artifact, const std::vector<int64_t>& days) {
  const auto predictor = Predictor::Compile(artifact);
  EXPECT_TRUE(predictor.ok()) << predictor.status();
  std::vector<float> rows, roi(days.size(), 0.0f);
  for (const int64_t day : days) {
    std::vector<float> row(artifact.schema.size(), 0.5f);
    row[TimeFeature(artifact)] = static_cast<float>(day * 24);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  (*predictor)->Predict(rows.data(), static_cast<int64_t>(days.size()), absl::MakeSpan(roi), {});
  return roi;
}

TEST(Trend, LaterTimesArePredictedAsTheLastOne) {
  const Artifact artifact = TrainOn(DriftingCsv(300, 1, 2.0, 0.0));
  const auto at = [&](int64_t day) { return PredictDays(artifact, {day}).front(); };
  EXPECT_GT(at(kFirstDay + 290), at(kFirstDay + 10) + 1.0);
  // 28 years later: the same month and weekday.
  EXPECT_EQ(at(kFirstDay + 299 + 28 * 1461 / 4), at(kFirstDay + 299));
}

// Many rows share the noise of their day: a trend that bends enough would find it, and it would not hold for other
// days.
TEST(Trend, NoiseOfDaysIsNone) {
  const Artifact artifact = TrainOn(DriftingCsv(30, 20, 0.0, 0.5));
  EXPECT_FALSE(artifact.features[TimeFeature(artifact)].trend);
}

// What the ROI is on a day, counted from kFirstDay, beside the price.
double SeasonOf(int day) { return 1.6 * std::pow(1.0 + 0.5 * std::cos(2 * std::numbers::pi * day / 365.25), 2); }

// Two years, two rows a day.
template <typename Level>
std::string TwoYearsCsv(const Level& level) {
  Random random(7);
  std::string text = "date,price,roi\n";
  for (int i = 0; i < 1460; ++i) {
    const int day = i / 2;
    const double price = random.Uniform();
    absl::StrAppend(&text, FormatTime((kFirstDay + day) * 86400), ",", price, ",",
                    price + level(day) + 0.3 * random.Normal(), "\n");
  }
  return text;
}

// Ramps over two years follow a season better than sine and cosine of the month do, also on other days. Held at the
// level of the last December they would be far off in June.
TEST(Trend, SeasonOfTwoYearsIsNone) {
  const Artifact artifact = TrainOn(TwoYearsCsv(SeasonOf));
  EXPECT_FALSE(artifact.features[TimeFeature(artifact)].trend);
  EXPECT_THAT(Remarks(artifact), Not(HasSubstr("drifts")));
  std::vector<int64_t> days;
  for (int day = 735; day < 1095; day += 30) days.push_back(kFirstDay + day);
  const std::vector<float> predicted = PredictDays(artifact, days);
  for (size_t i = 0; i < days.size(); ++i) {
    EXPECT_NEAR(predicted[i], 0.5 + SeasonOf(static_cast<int>(days[i] - kFirstDay)), 0.6) << days[i] - kFirstDay;
  }
}

TEST(Trend, IsLearntBesideASeason) {
  const auto drifting = [](int day) { return SeasonOf(day) + 2.0 * day / 730; };
  const Artifact artifact = TrainOn(TwoYearsCsv(drifting));
  EXPECT_TRUE(artifact.features[TimeFeature(artifact)].trend);
  EXPECT_THAT(Remarks(artifact), HasSubstr("the target drifts with time"));
  // The season goes on from the level of the last day.
  for (const int day : {740, 770, 800, 920}) {
    EXPECT_NEAR(PredictDays(artifact, {kFirstDay + day}).front(), 2.5 + SeasonOf(day), 0.6) << day;
  }
}

TEST(Trend, ChangeOfLevelBesideASeasonIsLearnt) {
  const auto changed = [](int day) { return SeasonOf(day) + (day < 480 ? 0.0 : 2.0); };
  const Artifact artifact = TrainOn(TwoYearsCsv(changed));
  EXPECT_TRUE(artifact.features[TimeFeature(artifact)].trend);
  // Without a trend predictions would be two thirds of the change too low.
  double error = 0.0;
  for (const int day : {740, 770, 800}) {
    error += (PredictDays(artifact, {kFirstDay + day}).front() - 2.5 - SeasonOf(day)) / 3;
  }
  EXPECT_NEAR(error, 0.0, 0.7);
}

// Two years; the ROI is higher in the months that `peaks` names by 1.
std::string SeasonalCsv(const std::vector<int>& peaks) {
  Random random(5);
  std::string text = "date,price,roi\n";
  for (int day = 0; day < 720; day += 2) {
    const std::string date = FormatTime((kFirstDay + day) * 86400);
    const int month = std::stoi(date.substr(5, 2));
    const double price = random.Uniform();
    absl::StrAppend(&text, date, ",", price, ",",
                    price + static_cast<double>(std::count(peaks.begin(), peaks.end(), month)) + 0.1 * random.Normal(),
                    "\n");
  }
  return text;
}

TEST(Season, OfTwoPeaksTakesTheSecondHarmonicOfTheMonth) {
  const Artifact artifact = TrainOn(SeasonalCsv({1, 2, 7, 8}));
  const FittedFeature& date = artifact.features[TimeFeature(artifact)];
  EXPECT_TRUE(date.month);
  EXPECT_TRUE(date.half_year);
}

TEST(Season, OfOnePeakDoesWithoutTheSecondHarmonic) {
  Random random(5);
  std::string text = "date,price,roi\n";
  for (int day = 0; day < 720; day += 2) {
    const std::string date = FormatTime((kFirstDay + day) * 86400);
    const double angle = 2 * std::numbers::pi * (std::stoi(date.substr(5, 2)) - 1) / 12;
    absl::StrAppend(&text, date, ",", random.Uniform(), ",", std::sin(angle) + 0.1 * random.Normal(), "\n");
  }
  const Artifact artifact = TrainOn(text);
  const FittedFeature& date = artifact.features[TimeFeature(artifact)];
  EXPECT_TRUE(date.month);
  EXPECT_FALSE(date.half_year);
}

TEST(Trend, FewDaysShowNone) {
  const Artifact artifact = TrainOn(DriftingCsv(9, 40, 3.0, 0.0));
  EXPECT_FALSE(artifact.features[TimeFeature(artifact)].trend);
}

}  // namespace
}  // namespace roicast
