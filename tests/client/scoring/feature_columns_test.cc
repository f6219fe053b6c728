#include "client/scoring/feature_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TableReading TableOf(const std::vector<std::string>& names) {
  TableReading table;
  table.names = names;
  table.columns.resize(names.size());
  for (ColumnReading& column : table.columns) column.present = 10;
  return table;
}

// The model's own table wrote the column so.
v1::ColumnReading& Learnt(v1::Model& model, const std::string& name) {
  v1::ColumnReading& column = *model.mutable_report()->mutable_cleaning()->mutable_reading()->add_columns();
  column.set_name(name);
  return column;
}

TEST(FeatureColumns, NamesWhatIsAbsentWithNearColumnsAndWhatIsUnused) {
  const auto bound =
      BindFeatures(testing::FakeServer::SmallModel(), TableOf({"Channel", "Amount spent (USD)", "price", "note"}), {});
  ASSERT_TRUE(bound.ok()) << bound.status();
  ASSERT_EQ(bound->found.size(), 1u);
  EXPECT_EQ(bound->found[0].feature, 1u);
  EXPECT_EQ(bound->found[0].column, 2u);
  EXPECT_THAT(bound->unused, ElementsAre("Channel", "Amount spent (USD)", "note"));
  EXPECT_EQ(AbsentText(bound->absent),
            "no column for \"spend\" (did you mean \"Amount spent (USD)\"?), \"channel\" (did you mean \"Channel\"?), "
            "\"start\"");
}

// --spend Cost gave the sums a spend, and the feature a typical value.
TEST(FeatureColumns, AFeatureMayBeGivenAColumnOfAnotherName) {
  const auto bound =
      BindFeatures(testing::FakeServer::SmallModel(), TableOf({"Cost", "price"}), {}, {{"spend", "Cost"}});
  ASSERT_TRUE(bound.ok()) << bound.status();
  ASSERT_EQ(bound->found.size(), 2u);
  EXPECT_EQ(bound->found[0].feature, 0u);
  EXPECT_EQ(bound->found[0].column, 0u);
  EXPECT_THAT(bound->unused, IsEmpty());
  ASSERT_EQ(bound->notes.size(), 1u);
  EXPECT_EQ(bound->notes[0].message, "the feature \"spend\" is read from the column \"Cost\"");
  EXPECT_FALSE(bound->notes[0].warning);
  const auto own = BindFeatures(testing::FakeServer::SmallModel(), TableOf({"Cost", "spend"}), {}, {{"spend", "Cost"}});
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->found[0].column, 0u);
  EXPECT_EQ(own->notes[0].message,
            "the feature \"spend\" is read from the column \"Cost\", not from the one of its own name");
  EXPECT_FALSE(own->notes[0].warning);
  EXPECT_THAT(own->unused, ElementsAre("spend"));
}

// Click rates of 3.1 were scored by a model of 0.031 with no more than a count of warnings.
TEST(FeatureColumns, AnotherUnitThanInTrainingIsSaid) {
  const auto note_of = [](const std::string& learnt, const std::string& here, std::vector<ColumnOptions> said = {}) {
    v1::Model model = testing::FakeServer::SmallModel();
    Learnt(model, "spend").set_unit(learnt);
    TableReading table = TableOf({"spend"});
    table.columns[0].form.kind = ColumnKind::kNumber;
    table.columns[0].form.unit = here;
    table.columns[0].examples = {"3.1" + here};
    const auto bound = BindFeatures(model, table, said);
    EXPECT_TRUE(bound.ok()) << bound.status();
    if (!bound.ok() || bound->notes.empty()) return std::string();
    const TableNote& note = bound->notes[0];
    EXPECT_TRUE(note.warning);
    return note.flags.empty() ? note.message : note.message + " | " + note.flags[0];
  };
  EXPECT_EQ(
      note_of("%", ""),
      "the model learnt per cent, 0.031 for 3.1 %, and cells such as \"3.1\" have no %: they are taken as they stand | "
      "--scale spend=0.01");
  EXPECT_EQ(note_of("", "%"),
            "cells such as \"3.1%\" are per cent, 0.031 for 3.1 %, and the model learnt numbers without % | --scale "
            "spend=100");
  EXPECT_EQ(note_of("$", "EUR"),
            "the model learnt numbers in $, and these are in EUR: they are taken as if they were the same; convert "
            "them first");
  for (const auto& [learnt, here] : {std::pair("%", "%"), {"", ""}, {"days", ""}, {"", "USD"}}) {
    EXPECT_EQ(note_of(learnt, here), "");
  }
  ColumnOptions said;
  said.name = "spend";
  said.scale = 0.01;
  EXPECT_EQ(note_of("%", "", {said}), "");
}

TEST(FeatureColumns, ATableWithoutAnyFeatureIsRefused) {
  EXPECT_EQ(
      BindFeatures(testing::FakeServer::SmallModel(), TableOf({"a", "Channels"}), {}).status(),
      absl::InvalidArgumentError("header: expected at least one feature of the model, got a, Channels; no column "
                                 "for \"spend\", \"price\", \"channel\" (did you mean \"Channels\"?), \"start\""));
}

TEST(FeatureColumns, NumbersThatCanBeReadInTwoWaysAreReadAsInTraining) {
  v1::Model model = testing::FakeServer::SmallModel();
  v1::ColumnReading& learnt = Learnt(model, "spend");
  learnt.set_decimal_mark(v1::DECIMAL_MARK_COMMA);
  learnt.set_thousands_separator(".");
  TableReading table = TableOf({"spend"});
  table.columns[0].form.kind = ColumnKind::kNumber;
  table.columns[0].ambiguous = true;
  auto bound = BindFeatures(model, table, {});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->found[0].form.number.decimal_mark, ',');
  EXPECT_EQ(bound->found[0].form.number.grouping, Grouping::kDot);
  ASSERT_EQ(bound->notes.size(), 1u);
  EXPECT_EQ(bound->notes[0].message,
            "the numbers can be read in two ways; they are read with a decimal comma, as in training");
  EXPECT_THAT(bound->notes[0].flags, ElementsAre("--decimal spend=point"));

  // "1,234" in a file to score, where the model's own table had no thousands.
  learnt.set_decimal_mark(v1::DECIMAL_MARK_POINT);
  learnt.set_thousands_separator("");
  bound = BindFeatures(model, table, {});
  EXPECT_EQ(bound->found[0].form.number.decimal_mark, '.');
  EXPECT_EQ(bound->found[0].form.number.grouping, Grouping::kComma);
  learnt.set_decimal_mark(v1::DECIMAL_MARK_COMMA);

  // Where the cells tell, or a person does, training has no say.
  table.columns[0].ambiguous = false;
  EXPECT_EQ(BindFeatures(model, table, {})->found[0].form.number.decimal_mark, '.');
  table.columns[0].ambiguous = true;
  ColumnOptions said;
  said.name = "spend";
  said.decimal_mark = '.';
  bound = BindFeatures(model, table, {said});
  EXPECT_EQ(bound->found[0].form.number.decimal_mark, '.');
  EXPECT_THAT(bound->notes, IsEmpty());
}

// "1.000" of a file with semicolons was scored as 1 by a model of 34 to 9,000, and its answer had a decimal comma.
class AmbiguousNumbers : public ::testing::Test {
 protected:
  AmbiguousNumbers() : model_(testing::FakeServer::SmallModel()), table_(TableOf({"spend"})) {
    Learnt(model_, "spend").set_decimal_mark(v1::DECIMAL_MARK_POINT);
    SetRange(34, 9000);
    ColumnReading& column = table_.columns[0];
    column.form.kind = ColumnKind::kNumber;
    column.form.number = {',', Grouping::kDot};
    column.ambiguous = true;
    column.evidence = ColumnReading::Evidence::kWeak;
    column.ambiguous_examples = {"1.000", "2.500"};
  }

  void SetRange(double min, double max) {
    model_.mutable_schema()->mutable_features(0)->set_seen_min(min);
    model_.mutable_schema()->mutable_features(0)->set_seen_max(max);
  }

  // The form's mark and the note, or the error.
  std::string Read() const {
    const auto bound = BindFeatures(model_, table_, {});
    if (!bound.ok()) return std::string(bound.status().message());
    return std::string(1, bound->found[0].form.number.decimal_mark) + " " +
           (bound->notes.empty() ? "" : bound->notes[0].message);
  }

  v1::Model model_;
  TableReading table_;
};

TEST_F(AmbiguousNumbers, AreReadSoThatTheyAreLikeThoseOfTraining) {
  EXPECT_EQ(Read(),
            ", the numbers can be read in two ways; they are read with a decimal comma, because only so they are like "
            "those of training (34 to 9000)");
  SetRange(0.1, 10);
  EXPECT_EQ(Read(), ". the numbers can be read in two ways; they are read with a decimal point, as in training");
}

TEST_F(AmbiguousNumbers, AreRefusedWhereFileAndTrainingDisagree) {
  const std::string error =
      "column \"spend\": \"1.000\" is 1 with a decimal point and 1000 with a decimal comma; the file looks as if it "
      "had "
      "a decimal comma, but training speaks for a point: say which, --decimal spend=comma or =point";
  // Either may be meant.
  SetRange(0.5, 9000);
  EXPECT_EQ(Read(), error);
  // What is certain about the file does not fit to the range.
  SetRange(0.1, 10);
  table_.columns[0].evidence = ColumnReading::Evidence::kCertain;
  EXPECT_EQ(Read(), error);
  ColumnOptions said;
  said.name = "spend";
  said.decimal_mark = ',';
  EXPECT_TRUE(BindFeatures(model_, table_, {said}).ok());
}

TEST_F(AmbiguousNumbers, WhatIsCertainAboutTheFileGoesBeforeTraining) {
  SetRange(0.5, 9000);
  table_.columns[0].evidence = ColumnReading::Evidence::kCertain;
  EXPECT_EQ(Read(),
            ", the numbers can be read in two ways; they are read with a decimal comma, as other numbers of the file");
  table_.columns[0].evidence = ColumnReading::Evidence::kNone;
  EXPECT_EQ(Read(), ". the numbers can be read in two ways; they are read with a decimal point, as in training");
}

// To follow the advice made click rates of 0.0221 a hundredth of what the model had learnt.
TEST(FeatureColumns, AnotherUnitIsNoWarningWhereTheRangeShowsThatTheCellsAreRight) {
  v1::Model model = testing::FakeServer::SmallModel();
  v1::ColumnReading& learnt = Learnt(model, "spend");
  learnt.set_unit("%");
  v1::Feature& feature = *model.mutable_schema()->mutable_features(0);
  feature.set_seen_min(0.004);
  feature.set_seen_max(0.06);
  TableReading table = TableOf({"spend"});
  table.columns[0].form.kind = ColumnKind::kNumber;
  table.columns[0].examples = {"0.0221", "0.0141"};
  auto bound = BindFeatures(model, table, {});
  ASSERT_EQ(bound->notes.size(), 1u);
  EXPECT_FALSE(bound->notes[0].warning);
  EXPECT_EQ(
      bound->notes[0].message,
      "the model learnt per cent, 0.031 for 3.1 %, and cells such as \"0.0221\" have no %: they are taken as they "
      "stand, which is within the range of training, 0.004 to 0.06");
  EXPECT_THAT(bound->notes[0].flags, IsEmpty());
  table.columns[0].examples = {"2.21", "1.41"};
  bound = BindFeatures(model, table, {});
  EXPECT_TRUE(bound->notes[0].warning);
  EXPECT_THAT(bound->notes[0].flags, ElementsAre("--scale spend=0.01"));
  // It said that "2.1%" has no %, and named a factor that would divide it twice.
  table.columns[0].examples = {"2.1%", "1.4"};
  bound = BindFeatures(model, table, {});
  EXPECT_EQ(
      bound->notes[0].message,
      "the model learnt per cent, 0.031 for 3.1 %; cells such as \"2.1%\" are read so, and cells such as \"1.4\" are "
      "taken as they stand");
  EXPECT_THAT(bound->notes[0].flags, IsEmpty());
}

TEST(FeatureColumns, ANameInAnotherCurrencyMayBeMeant) {
  const std::vector<std::string> columns = {"Day", "Cost per click (EUR)", "Cost (EUR)", "cost_gbp"};
  EXPECT_EQ(NearColumn("Cost (USD)", columns), "Cost (EUR)");
  EXPECT_EQ(NearColumn("USD cost", {"Day", "cost_gbp"}), "cost_gbp");
  EXPECT_EQ(NearColumn("(USD)", {"(EUR)"}), "");
  EXPECT_EQ(NearColumn("Revenue (USD)", columns), "");
}

// A column "Cost" was passed over, and a typical spend taken for all rows.
TEST(FeatureColumns, ASpendMayHaveAnotherName) {
  EXPECT_EQ(NearColumn("Spend", {"Day", "Cost", "price"}), "Cost");
  EXPECT_EQ(NearColumn("cost", {"Day", "Amount spent (USD)"}), "Amount spent (USD)");
  EXPECT_EQ(NearColumn("Spend", {"Day", "Revenue", "CPC"}), "");
  EXPECT_EQ(NearColumn("price", {"Day", "Cost"}), "");
}

TEST(FeatureColumns, AScaleGivenAtTrainingHoldsForScoring) {
  v1::Model model = testing::FakeServer::SmallModel();
  Learnt(model, "spend").set_scale(1e-6);
  TableReading table = TableOf({"spend"});
  table.columns[0].form.kind = ColumnKind::kNumber;
  const auto bound = BindFeatures(model, table, {});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->found[0].form.number.scale, 1e-6);
  ASSERT_EQ(bound->notes.size(), 1u);
  EXPECT_EQ(bound->notes[0].message, "the numbers are multiplied by 1e-06, as in training");
}

TEST(FeatureColumns, DaysAndMonthsThatNothingTellsApartAreReadAsInTraining) {
  v1::Model model = testing::FakeServer::SmallModel();
  TableReading table = TableOf({"start"});
  table.columns[0].examples = {"05/06/2024"};
  EXPECT_THAT(std::string(BindFeatures(model, table, {}).status().message()),
              HasSubstr("column \"start\": expected times, got \"05/06/2024\"; if these are times, say how they are "
                        "written: --dates start=day-first"));
  Learnt(model, "start").set_times(v1::TIME_FORMAT_DAY_FIRST);
  const auto bound = BindFeatures(model, table, {});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->found[0].form.time, TimeFormat::kDayFirst);
  ASSERT_EQ(bound->notes.size(), 1u);
  EXPECT_THAT(bound->notes[0].flags, ElementsAre("--dates start=month-first"));
}

}  // namespace
}  // namespace roicast::client
