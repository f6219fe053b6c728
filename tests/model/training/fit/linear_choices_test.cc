#include "model/training/fit/linear_choices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/tables/time_form.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string Day(int64_t day) { return FormatTime((19'000 + day) * 86'400).substr(0, 10); }

// Each second day of two years with a season; `more` writes the cells behind it.
template <typename More>
std::string TwoYears(absl::string_view header, const More& more) {
  Random random(3);
  std::string csv = absl::StrCat("Date,", header, ",price,roi\n");
  for (int day = 0; day < 730; day += 2) {
    const double price = random.Uniform(), season = std::cos(2.0 * std::numbers::pi * day / 365.0);
    absl::StrAppend(&csv, Day(day), ",", more(random), ",", price, ",", price + season + 0.1 * random.Normal(), "\n");
  }
  return csv;
}

// What a fit chooses for all rows of the table.
class ChoicesOf {
 public:
  explicit ChoicesOf(const std::string& csv) : spec_(SpecFromPreset(Preset::kCompact)) {
    const absl::StatusOr<PreparedData> data = PrepareData(ReadCsvOrFail(csv), spec_, nullptr);
    EXPECT_TRUE(data.ok()) << data.status();
    const FitRows rows{data->split.train, data->split.validation};
    TrainingObserver observer;
    FitJournal journal(nullptr, observer);
    const FitTask task{*data, rows, spec_, {}, nullptr, journal};
    const absl::StatusOr<TimeInputs> times = ChooseTimeInputs(task, spec_.preprocessing);
    EXPECT_TRUE(times.ok()) << times.status();
    encoding = times->encoding;
    const absl::StatusOr<ModelFit> fit = EncodeFit(task, encoding, TargetTransform::kNone);
    EXPECT_TRUE(fit.ok()) << fit.status();
    for (int i = 0; i < fit->preprocessor.schema().size(); ++i) {
      if (fit->preprocessor.features()[i].month) months.push_back(fit->preprocessor.schema().features[i].name);
    }
  }

  PreprocessingOptions encoding;
  std::vector<std::string> months;  // of the features with a month

 private:
  const TrainingSpec spec_;
};

// They took the season from the date: R² 0.33 for 0.79.
TEST(ChooseTimeInputs, ATimeOfAFewMonthsLeavesOthersTheirSeason) {
  const ChoicesOf launched(TwoYears("Launch date", [](Random& random) { return Day(random.Below(150)); }));
  EXPECT_TRUE(launched.encoding.month);
  EXPECT_THAT(launched.encoding.without_month, ElementsAre("Launch date"));
  EXPECT_THAT(launched.months, ElementsAre("Date"));
  const ChoicesOf both(TwoYears("Launch date", [](Random& random) { return Day(random.Below(730)); }));
  EXPECT_THAT(both.encoding.without_month, IsEmpty());
  EXPECT_THAT(both.months, UnorderedElementsAre("Date", "Launch date"));
}

TEST(ChooseTimeInputs, NoTimeOfAYearMeansNoMonth) {
  std::string csv = "Date,price,roi\n";
  Random random(4);
  for (int day = 0; day < 200; ++day) absl::StrAppend(&csv, Day(day), ",", random.Uniform(), ",", day % 7, "\n");
  const ChoicesOf short_time(csv);
  EXPECT_FALSE(short_time.encoding.month);
  EXPECT_THAT(short_time.months, IsEmpty());
}

}  // namespace
}  // namespace roicast
