#include "model/training/spec_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

std::string MessageAfter(const std::function<void(TrainingSpec&)>& change) {
  const std::vector<NamedColumn> columns = {
      {"Revenue"}, {"Spend"}, {"Day", FeatureKind::kTime}, {"Conversion"}, {"channel", FeatureKind::kCategorical}};
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  EXPECT_TRUE(CheckColumns(spec, columns).ok());
  change(spec);
  const absl::Status status = CheckColumns(spec, columns);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(CheckColumns, NamesFieldFlagAndTheNearestColumn) {
  const std::string columns = "; the columns are Revenue, Spend, Day, Conversion, channel";
  EXPECT_EQ(MessageAfter([](TrainingSpec& spec) { spec.target.column = "conversion"; }),
            "target.column (--target): no column \"conversion\", the nearest is \"Conversion\"" + columns);
  EXPECT_EQ(MessageAfter([](TrainingSpec& spec) {
              spec.columns.resize(1);
              spec.columns[0].name = "Chanel";
              spec.columns[0].exclude = true;
            }),
            "columns[0] (--exclude): no column \"Chanel\", the nearest is \"channel\"" + columns);
  EXPECT_EQ(MessageAfter([](TrainingSpec& spec) { spec.weight_column = "importance"; }),
            "weight_column (--weight): no column \"importance\"" + columns);
  EXPECT_EQ(MessageAfter([](TrainingSpec& spec) {
              spec.split.holdout = SplitSpec::Holdout::kByTime;
              spec.split.column = "Days";
            }),
            "split.by_time.column (--holdout-last): no column \"Days\", the nearest is \"Day\"" + columns);
  EXPECT_EQ(MessageAfter([](TrainingSpec& spec) { spec.cleaning.outlier_rules.push_back({"Spent"}); }),
            "cleaning.outlier_rules[0].column: no column \"Spent\", the nearest is \"Spend\"" + columns);
}

TEST(CheckColumns, AColumnIsListedOnce) {
  EXPECT_EQ(MessageAfter([](TrainingSpec& spec) {
              for (const char* name : {"Spend", "Day", "Spend"}) spec.columns.emplace_back().name = name;
            }),
            "columns[2] \"Spend\": expected one entry per column, got two")
      << "as training says it";
  EXPECT_EQ(MessageAfter([](TrainingSpec& spec) {
              spec.cleaning.hampel.time_column = "Day";
              spec.cleaning.hampel.columns = {"Spend", "Spend"};
            }),
            "cleaning.hampel.columns[1] \"Spend\": expected one entry per column, got two");
}

// Each was compared with each: a spec of 3 MB took minutes.
TEST(CheckColumns, ManyColumnsAndAnEntryForEachTakeNoLongerThanReadingThem) {
  std::vector<NamedColumn> columns = {{"roi"}};
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  for (int i = 0; i < 100000; ++i) {
    columns.push_back({absl::StrCat("a column with number ", i)});
    spec.columns.emplace_back().name = columns.back().name;
    spec.cleaning.outlier_rules.push_back({columns.back().name});
  }
  EXPECT_EQ(CheckColumns(spec, columns), absl::OkStatus());
  EXPECT_EQ(spec.cleaning.Validate(), absl::OkStatus());
}

}  // namespace
}  // namespace roicast
