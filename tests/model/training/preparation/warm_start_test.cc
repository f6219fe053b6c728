#include "model/training/preparation/warm_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

// Rows of one number.
struct Rows {
  Table features;
  std::vector<double> roi;
  std::vector<int64_t> rows;

  Rows(const std::string& name, const std::vector<double>& values, std::vector<double> outcomes)
      : roi(std::move(outcomes)), rows(values.size()) {
    Column column;
    column.name = name;
    for (const double value : values) column.numbers.push_back(value);
    EXPECT_TRUE(features.AddColumn(std::move(column)).ok());
    std::iota(rows.begin(), rows.end(), int64_t{0});
  }
};

// A version that learnt such rows.
Artifact VersionOf(const Rows& learnt) {
  Artifact version;
  const Column& column = learnt.features.column(0);
  std::vector<double> sorted = column.numbers.ToVector();
  std::sort(sorted.begin(), sorted.end());
  Feature feature;
  feature.name = column.name;
  feature.kind = FeatureKind::kNumeric;
  feature.seen_min = sorted.front();
  feature.seen_max = sorted.back();
  version.schema.features.push_back(feature);
  version.features.emplace_back().fill_value = sorted[sorted.size() / 2];
  const absl::StatusOr<FittedTarget> target = FitTarget(learnt.roi, TargetTransform::kAuto, PredictionStatistic::kMean);
  EXPECT_TRUE(target.ok()) << target.status();
  version.target = *target;
  return version;
}

absl::StatusOr<std::optional<DataWarning>> Check(const Artifact& version, const Rows& rows) {
  return CheckLikeness(version, rows.features, rows.rows, rows.roi, nullptr);
}

// A refusal, or the warning; empty: neither.
std::string SaidOf(const Artifact& version, const Rows& rows) {
  const auto checked = Check(version, rows);
  if (!checked.ok()) return std::string(checked.status().message());
  return checked->has_value() ? (*checked)->message : "";
}

std::vector<double> Draw(int count, const std::function<double(Random&)>& value) {
  Random random(11);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(value(random));
  return values;
}

std::vector<double> Outcomes(int count) {
  return Draw(count, [](Random& random) { return 0.5 + 0.3 * random.Normal(); });
}

// The amounts of the rows that brought something were compared with all rows.
TEST(CheckLikeness, AZeroHeavyVersionIsLikeItsOwnRows) {
  const auto amount = [](Random& random) { return 4.0 * std::exp(0.4 * random.Normal()); };
  const std::vector<double> roi =
      Draw(500, [&](Random& random) { return random.Uniform() < 0.88 ? -1.0 : amount(random); });
  const Rows rows("Spend", Draw(500, amount), roi);
  Artifact version = VersionOf(rows);
  std::vector<double> amounts;
  std::copy_if(roi.begin(), roi.end(), std::back_inserter(amounts), [](double value) { return value != -1.0; });
  const auto target = FitTarget(amounts, TargetTransform::kAuto, PredictionStatistic::kMean);
  ASSERT_TRUE(target.ok()) << target.status();
  version.target = *target;
  version.target.kind = TargetKind::kZeroHeavy;
  version.target.rest = -1.0;
  EXPECT_EQ(SaidOf(version, rows), "");
  Rows per_cent = rows;
  for (double& value : per_cent.roi) value *= value == -1.0 ? 1.0 : 100.0;
  EXPECT_THAT(SaidOf(version, per_cent), HasSubstr("a typical ROI is "));
}

// The mean and deviation of a version beside quantiles of its rows were 14 times as much.
TEST(CheckLikeness, ASkewedTargetThatIsLearntAsItIsIsLikeItsOwnRows) {
  const std::vector<double> roi = Draw(500, [](Random& random) { return std::exp(3.0 * random.Normal()) - 1.0; });
  const Rows rows("Spend", Outcomes(500), roi);
  Artifact version = VersionOf(rows);
  const auto target = FitTarget(roi, TargetTransform::kNone, PredictionStatistic::kMean);
  ASSERT_TRUE(target.ok()) << target.status();
  version.target = *target;
  EXPECT_EQ(SaidOf(version, rows), "");
}

TEST(CheckLikeness, TheUsualOneOfTwoValuesMayChange) {
  const auto days = [](double share) {
    return Draw(400, [share](Random& random) { return random.Uniform() < share ? 30.0 : 1.0; });
  };
  EXPECT_EQ(SaidOf(VersionOf({"Days", days(0.45), Outcomes(400)}), {"Days", days(0.55), Outcomes(400)}), "");
}

// They were refused, as if weeks were in another unit.
TEST(CheckLikeness, NumbersThatHaveMovedAreWarnedOf) {
  const auto weeks = [](int first) {
    return Draw(300, [first](Random& random) { return static_cast<double>(first + random.Below(13)); });
  };
  const Artifact version = VersionOf({"Week", weeks(1), Outcomes(300)});
  const auto moved = Check(version, {"Week", weeks(14), Outcomes(300)});
  ASSERT_TRUE(moved.ok()) << moved.status();
  ASSERT_TRUE(moved->has_value());
  EXPECT_TRUE((*moved)->serious);
  EXPECT_THAT((*moved)->message, HasSubstr("\"Week\" is usually 20 (14 to 26), and was 7 (1 to 13)"));
  const auto same = Check(version, {"Week", weeks(1), Outcomes(300)});
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_FALSE(same->has_value());
}

TEST(CheckLikeness, OtherUnitsAreRefused) {
  const auto spend = [](double unit) {
    return Draw(300, [unit](Random& random) { return unit * std::exp(6.0 + 1.5 * random.Normal()); });
  };
  const Artifact version = VersionOf({"Spend", spend(1.0), Outcomes(300)});
  for (const double unit : {0.001, 0.01, 100.0, 1'000.0}) {
    const absl::Status refused = Check(version, {"Spend", spend(unit), Outcomes(300)}).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << unit;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("\"Spend\" is usually")) << unit;
  }
  // A row of the former unit among them changes nothing.
  std::vector<double> thousands = spend(0.001);
  thousands[7] *= 1'000.0;
  EXPECT_FALSE(Check(version, {"Spend", thousands, Outcomes(300)}).ok());
  std::vector<double> per_cent = Outcomes(300);
  for (double& value : per_cent) value *= 100.0;
  EXPECT_THAT(SaidOf(version, {"Spend", spend(1.0), per_cent}), HasSubstr("a typical ROI is "));
}

}  // namespace
}  // namespace roicast
