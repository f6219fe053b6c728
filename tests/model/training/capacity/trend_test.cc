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
  std::string remarks;
  for (const DataWarning& warning : artifact.report.cleaning.warnings) {
    if (warning.column == "date") absl::StrAppend(&remarks, warning.message, "\n");
  }
  EXPECT_THAT(remarks, HasSubstr("the target drifts with time: on days that were not learnt from"));
}

TEST(Trend, LaterTimesArePredictedAsTheLastOne) {
  const Artifact artifact = TrainOn(DriftingCsv(300, 1, 2.0, 0.0));
  const auto predictor = Predictor::Compile(artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  const auto at = [&](int64_t day) {
    std::vector<float> row(artifact.schema.size(), 0.5f);
    row[TimeFeature(artifact)] = static_cast<float>(day * 24);
    float roi = 0.0f;
    (*predictor)->Predict(row.data(), 1, absl::MakeSpan(&roi, 1), {});
    return roi;
  };
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
