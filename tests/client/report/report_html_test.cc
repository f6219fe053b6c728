#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "client/report/curve_findings.h"
#include "client/report/report.h"
#include "tests/client/report/html_check.h"

namespace roicast::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHostile[] = "<script>alert(1)</script>\" onload=\"x' & \x1b[31m \xff";

v1::MetricsWithBaseline SomeMetrics(int64_t rows, double r2) {
  v1::MetricsWithBaseline metrics;
  metrics.mutable_model()->set_rows(rows);
  metrics.mutable_model()->mutable_roi()->set_r2(r2);
  metrics.mutable_model()->mutable_roi()->set_mae(0.21);
  metrics.mutable_model()->mutable_profitable()->set_auc(0.91);
  metrics.mutable_baseline()->mutable_roi()->set_mae(0.63);
  metrics.set_verdict(v1::CONSTANT_VERDICT_BETTER);
  metrics.set_first_metric_low(0.79);
  metrics.set_first_metric_high(0.86);
  return metrics;
}

// Every text that comes from a file or the server holds `name`.
ReportInput FullInput(const std::string& name) {
  ReportInput input;
  v1::Model& model = input.model;
  model.set_name("shop");
  model.set_version(3);
  model.set_serving(true);
  model.set_network(absl::StrCat("36 → 1 ", name));
  model.set_first_metric(0.83);
  model.set_first_metric_name("R²");
  model.mutable_publish_time()->set_seconds(1732795200);
  v1::Feature& feature = *model.mutable_schema()->add_features();
  feature.set_name(name);
  feature.set_kind(v1::FEATURE_KIND_CATEGORICAL);
  feature.add_vocabulary(name);
  model.mutable_provenance()->set_dataset_digest("0123456789abcdef0123");
  model.mutable_provenance()->set_roicast_version(name);
  v1::TrainingReport& report = *model.mutable_report();
  *report.mutable_holdout() = SomeMetrics(400, 0.83);
  *report.mutable_train() = SomeMetrics(800, 0.9);
  report.set_conclusion(absl::StrCat("good ", name));
  report.set_epochs_run(2);
  report.set_best_epoch(2);
  report.set_stop_reason(name);
  for (int i = 1; i <= 3; ++i) {
    v1::EpochRecord& epoch = *report.add_epochs();
    epoch.set_epoch(i);
    epoch.set_train_loss(1.0 / i);
    epoch.set_validation_loss(i == 1 ? NAN : 1.2 / i);
    v1::ComparedCapacity& compared = *report.add_compared();
    compared.set_steps(100 * i);
    compared.set_r2(0.5 + 0.1 * i);
    compared.set_chosen(i == 2);
    v1::TriedModel& tried = *report.add_tried();
    tried.set_description(name);
  }
  report.mutable_calibration()->set_coverage(0.89);
  report.mutable_target()->set_name("ROI");
  report.mutable_target()->set_is_roi(true);
  v1::CleaningReport& cleaning = *report.mutable_cleaning();
  cleaning.set_rows_in(1300);
  cleaning.set_rows_used(1200);
  v1::DroppedRows& dropped = *cleaning.add_dropped();
  dropped.set_reason(name);
  dropped.set_rows(100);
  v1::DataWarning& warning = *cleaning.add_warnings();
  warning.set_serious(true);
  warning.set_column(name);
  warning.set_message(absl::StrCat("found ", name));
  warning.add_flags(absl::StrCat("--exclude ", name));
  v1::ColumnReading& column = *cleaning.mutable_reading()->add_columns();
  column.set_name(name);
  column.set_unit(name);
  column.add_examples(name);
  cleaning.mutable_reading()->mutable_file()->set_rows(1300);
  cleaning.mutable_reading()->mutable_file()->set_header_line(1);
  cleaning.mutable_reading()->mutable_file()->add_left_out()->set_example(name);
  v1::LeftOutColumn& left_out = *cleaning.add_left_out();
  left_out.set_column(name);
  left_out.set_reason(name);
  cleaning.add_csv_issues()->set_message(name);

  input.other = model;
  input.other->set_version(2);
  input.other->set_serving(false);
  input.other->mutable_schema()->mutable_features(0)->set_name("other " + name);

  ReportTable& table = input.table.emplace();
  table.file = name;
  table.outcome = name;
  table.learnt_unknown = name;
  table.first_unread = name;
  table.absent = {{name, name}};
  table.rows_read = 210;
  table.rows_kept = 200;
  Random random(1);
  RowIntervals intervals;
  for (int i = 0; i < 200; ++i) {
    const double predicted = random.Normal();
    table.outcomes.predicted.push_back(predicted);
    table.outcomes.actual.push_back(predicted + 0.3 * random.Normal());
    table.outcomes.profit_probability.push_back(predicted > 0 ? 0.9 : 0.1);
    intervals.low.push_back(predicted - 0.5);
    intervals.high.push_back(predicted + 0.5);
    input.other_predicted.push_back(predicted + 0.5 * random.Normal());
  }
  table.outcomes.intervals.push_back(intervals);

  v1::AnalyzeModelResponse& analysis = input.analysis.emplace();
  analysis.set_rows(200);
  analysis.set_against_truth(true);
  v1::FeatureImportance& importance = *analysis.add_importance();
  importance.set_feature(name);
  importance.set_importance(0.3);
  importance.mutable_interval()->set_low(0.2);
  importance.mutable_interval()->set_high(0.4);
  importance.set_ratio(1.82);
  for (const bool numeric : {true, false}) {
    v1::FeatureDependence& dependence = *analysis.add_dependence();
    dependence.set_feature(name);
    for (int k = 1; k <= 3; ++k) {
      dependence.add_labels(numeric ? absl::StrCat(k) : name);
      if (numeric) dependence.add_values(k);
      dependence.add_rows(10);
      dependence.add_mean(0.1 * k);
      dependence.add_low(0.1 * k - 0.3);
      dependence.add_high(0.1 * k + 0.3);
    }
  }
  v1::FeatureInteraction& pair = *analysis.add_interactions();
  pair.set_first(name);
  pair.set_second(name);
  pair.set_strength(0.1);
  pair.set_h(0.4);
  for (int k = 0; k < 2; ++k) {
    v1::TreeRule& rule = *analysis.mutable_tree()->add_rules();
    rule.set_conditions(absl::StrCat("spend ≤ 5 and ", name));
    rule.set_share(0.5);
    rule.set_prediction(0.4);
  }
  analysis.mutable_tree()->set_fidelity(0.8);

  v1::ResponseCurveResponse& curves = input.curves.emplace();
  curves.set_feature(name);
  input.curve_names = {name};
  input.curve_row = name;
  v1::ResponseCurve& curve = *curves.add_curves();
  for (int k = 1; k <= 5; ++k) {
    const double spend = 100.0 * k, roi = 1.2 - 0.4 * k;
    curves.add_values(spend);
    curves.add_outside(k == 5);
    for (const auto& [band, value] :
         {std::pair{curve.mutable_roi(), roi}, std::pair{curve.mutable_profit(), roi * spend},
          std::pair{curve.mutable_revenue(), (1 + roi) * spend},
          std::pair{curve.mutable_marginal_roi(), 1.2 - 0.8 * k}}) {
      band->add_value(value);
      band->add_low(value - 0.1);
      band->add_high(value + 0.1);
    }
  }
  curves.add_caveats()->set_message(name);
  input.made = name;
  return input;
}

constexpr const char* kSections[] = {"summary",    "accuracy", "drivers",  "spend",
                                     "comparison", "data",     "training", "words"};

TEST(ReportHtml, HasAllItsSectionsAndStandsAlone) {
  const std::string html = ReportHtml(FullInput("channel"));
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_EQ(testing::WhatLeavesThePage(html), "");
  for (const char* section : kSections) EXPECT_THAT(html, HasSubstr(absl::StrCat("<section id=\"", section, "\">")));
  for (const char* words : {"Good: it predicts well on rows it had not seen",
                            "it explains 83 % of the differences in ROI",
                            "Its prediction is off by 0.21 on average",
                            "Predicting the average for every campaign would be off by 0.63",
                            "its ranges of 90 % held 89 % of the campaigns",
                            "What it looks at most: channel.",
                            "1 serious warning",
                            "Predicted against actual",
                            "Lift: does a higher prediction bring more?",
                            "Errors along the prediction",
                            "Can its ranges be trusted?",
                            "Can its chances of profit be trusted?",
                            "Which features matter",
                            "+82 %",
                            "Which of them act together",
                            "These rules tell 80 % of what the model does",
                            "The next unit of money",
                            "version 3 is better: its mean error is smaller by",
                            "1,300 rows, from UTF-8 text with commas",
                            "Loss, epoch by epoch",
                            "Settings that were compared",
                            "What was tried"}) {
    EXPECT_THAT(html, HasSubstr(words));
  }
  EXPECT_THAT(html, Not(HasSubstr("left out:</p>")));
  EXPECT_EQ(ReportHtml(FullInput("channel")), html);
}

TEST(ReportHtml, EscapesEveryNameOfAFile) {
  const std::string html = ReportHtml(FullInput(kHostile));
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("\" onload=\"")));
  EXPECT_THAT(html, Not(HasSubstr("\x1b")));
  EXPECT_THAT(html, Not(HasSubstr("\xff")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(ReportHtml, SaysWhatIsLeftOutAndWhy) {
  ReportInput input;
  input.model = FullInput("channel").model;
  input.no_analysis = "they need rows.";
  input.no_curves = "the server is too old.";
  input.no_other = "no other version serves.";
  const std::string html = ReportHtml(input);
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  for (const char* section : kSections) EXPECT_THAT(html, HasSubstr(absl::StrCat("<section id=\"", section, "\">")));
  EXPECT_THAT(html, HasSubstr("are left out: no file was given: <code>roicast report campaigns.csv</code>"));
  EXPECT_THAT(html, HasSubstr("interactions and rules are left out: they need rows."));
  EXPECT_THAT(html, HasSubstr("Response curves are left out: the server is too old."));
  EXPECT_THAT(html, HasSubstr("The comparison is left out: no other version serves."));
}

TEST(ReportHtml, SaysWhetherTheModelHasLearntFromTheRows) {
  ReportInput input = FullInput("channel");
  input.table->rows_checked = 200;
  EXPECT_THAT(ReportHtml(input), HasSubstr("The model has learnt from none of them"));
  input.table->rows_learnt = 10;
  EXPECT_THAT(ReportHtml(input), HasSubstr("The model has learnt from 10 of 200 of them."));
  input.table->rows_learnt = 11;
  const std::string html = ReportHtml(input);
  EXPECT_THAT(html, HasSubstr("The model has learnt from 11 of 200 of these rows"));
  EXPECT_THAT(html, HasSubstr("version 3 has learnt from these rows"));
  input.table->rows_checked = input.table->rows_learnt = 0;
  input.table->learnt_unknown = "it is <old>";
  EXPECT_THAT(ReportHtml(input), HasSubstr("would flatter it: it is &lt;old&gt;."));
}

// A model that is good on the rows held back was called good beside a file on which it is worse than the average.
TEST(ReportHtml, JudgesTheFileWhereItIsWorse) {
  ReportInput input = FullInput("channel");
  ReportTable& table = *input.table;
  table.file = "may.csv";
  table.findings = {"outside training: spend (200 rows)"};
  v1::MetricsWithBaseline& held_out = *input.model.mutable_report()->mutable_holdout();
  held_out.set_verdict(v1::CONSTANT_VERDICT_BETTER);
  held_out.mutable_model()->mutable_roi()->set_r2(0.97);
  std::string html = ReportHtml(input);
  EXPECT_THAT(html, HasSubstr("<strong>Good: it predicts well"));
  EXPECT_THAT(html,
              HasSubstr("may.csv has what the model cannot take into account: outside training: spend (200 rows)."));
  v1::MetricsWithBaseline& metrics = table.metrics.emplace();
  metrics.set_verdict(v1::CONSTANT_VERDICT_WORSE);
  metrics.mutable_model()->set_rows(200);
  metrics.mutable_model()->mutable_roi()->set_r2(-60);
  metrics.mutable_model()->mutable_roi()->set_mae(15.9);
  metrics.mutable_baseline()->mutable_roi()->set_mae(1.2);
  html = ReportHtml(input);
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_THAT(html, HasSubstr("<strong>On the rows of may.csv: Worse than guessing the average: do not decide by it"));
  EXPECT_THAT(html, HasSubstr("On the rows held back in training: Good: it predicts well"));
  EXPECT_THAT(html,
              HasSubstr("On 200 campaigns of may.csv it explains nothing of the differences, and is off by 15.9 on "
                        "average (the average: 1.20); its ranges of 90 % held "));
  // Better by the test, and worth nothing in money.
  metrics.set_verdict(v1::CONSTANT_VERDICT_BETTER);
  metrics.mutable_model()->mutable_roi()->set_r2(-0.001);
  table.findings = {"unknown word", "spend; another unit?"};
  html = ReportHtml(input);
  EXPECT_THAT(html, HasSubstr("<strong>On the rows of may.csv: No better than guessing the average"));
  EXPECT_THAT(html, HasSubstr("take into account: spend; another unit? More of it is listed under"));
  // So few do not show it.
  metrics.set_verdict(v1::CONSTANT_VERDICT_NOT_SHOWN);
  metrics.mutable_model()->set_rows(40);
  EXPECT_THAT(ReportHtml(input), HasSubstr("<strong>Good: it predicts well"));
}

void AddHeldOutRows(v1::TrainingReport* report) {
  v1::NewRowsReport& held_out = *report->mutable_new_rows();
  held_out.set_rows(600);
  for (int i = 0; i < 100; ++i) {
    held_out.add_predicted(i);
    held_out.add_actual(i + 2);
  }
  for (const char* name : {"small", "large"}) {
    v1::NewRowsImportance& importance = *held_out.add_importance();
    importance.set_feature(name);
    importance.set_importance(name[0] == 's' ? 0.1 : 0.5);
    importance.set_low(importance.importance() - 0.05);
    importance.set_high(importance.importance() + 0.05);
    importance.set_ratio(1 + importance.importance());
  }
}

TEST(ReportHtml, ShowsWhatTheTrainingReportSaysOfFeatures) {
  ReportInput input;
  input.model = FullInput("channel").model;
  v1::TrainingReport* report = input.model.mutable_report();
  AddHeldOutRows(report);
  EXPECT_FALSE(HeldOutAnalysis(*report).has_value());
  v1::FeatureDependence& spend = *report->mutable_new_rows()->add_dependence();
  spend.set_feature("spend");
  for (int k = 1; k < 4; ++k) {
    spend.add_labels(absl::StrCat(k * 100));
    spend.add_values(k * 100);
    spend.add_rows(200);
    spend.add_mean(1.0 / k);
    spend.add_low(0.5 / k);
    spend.add_high(1.5 / k);
  }
  spend.add_moved_along("clicks & views");
  *report->mutable_new_rows()->add_dependence() = spend;
  report->mutable_new_rows()->mutable_dependence(1)->set_high(1, NAN);
  v1::SurrogateTree& tree = *report->mutable_new_rows()->mutable_tree();
  tree.set_fidelity(0.8);
  for (const char* conditions : {"spend ≤ 200", "spend > 200"}) {
    v1::TreeRule& rule = *tree.add_rules();
    rule.set_conditions(conditions);
    rule.set_share(0.5);
    rule.set_prediction(0.7);
  }
  input.analysis = HeldOutAnalysis(*report);
  ASSERT_TRUE(input.analysis.has_value());
  EXPECT_EQ(input.analysis->dependence_size(), 1);
  input.analysis_rows = kHeldBackRows;
  report->set_refit_rows(0);
  std::string html = ReportHtml(input);
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_THAT(html, HasSubstr("From 600 campaigns held back in training. "));
  EXPECT_THAT(html, HasSubstr("clicks &amp; views goes along with it, as in training."));
  EXPECT_THAT(html, HasSubstr("In rules of thumb"));
  EXPECT_THAT(html, Not(HasSubstr("pale lines are single")));
  v1::IndividualCurve& row = *report->mutable_new_rows()->mutable_dependence(0)->add_individual();
  for (int k = 1; k < 4; ++k) row.add_values(1.2 / k);
  input.analysis = HeldOutAnalysis(*report);
  EXPECT_EQ(input.analysis->dependence_size(), 1);
  EXPECT_THAT(ReportHtml(input), HasSubstr("pale lines are single"));
  row.set_values(2, NAN);
  EXPECT_FALSE(HeldOutAnalysis(*report).has_value());
  report->set_refit_rows(3000);
  html = ReportHtml(input);
  EXPECT_THAT(html, HasSubstr("held back in training, as predicted before the model learnt from them, too. "));
}

TEST(ReportHtml, ShowsTheRowsHeldOutInTraining) {
  ReportInput input;
  input.model = FullInput("channel").model;
  input.no_analysis = "they need rows.";
  AddHeldOutRows(input.model.mutable_report());
  const std::string html = ReportHtml(input);
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_THAT(html, HasSubstr("The pictures show 100 of the 600 campaigns that were held back in training"));
  EXPECT_THAT(html, HasSubstr("On average the prediction is 2.00 too low."));
  EXPECT_THAT(html, HasSubstr("What it looks at most, in this order: large, small."));
  EXPECT_THAT(html, HasSubstr("+50 %"));
  EXPECT_THAT(html, HasSubstr("Measured on rows held back in training."));
  EXPECT_THAT(html, HasSubstr(">Dependence, interactions and rules are left out: they need rows."));
  // No ranges of them are stored, but how well they held.
  EXPECT_THAT(html, HasSubstr("Measured in training, on the campaigns held back: ranges of 90 % held 89 % of what came "
                              "true.</p>"));
  input.model.mutable_report()->mutable_calibration()->set_profit_reliability_error(0.034);
  EXPECT_THAT(ReportHtml(input),
              HasSubstr("came true, and chances of profit were 3.4 percentage points off on average."));
  EXPECT_THAT(ReportHtml(FullInput("channel")), Not(HasSubstr("Measured in training, on")));
  // The file that was learnt from says less than they do.
  input = FullInput("channel");
  AddHeldOutRows(input.model.mutable_report());
  input.table->rows_checked = input.table->rows_learnt = 200;
  EXPECT_THAT(
      ReportHtml(input),
      HasSubstr("Rows of channel are not shown, because they would flatter the model: it has learnt from 200 of 200."));
  // Importance without truths says less than that of the rows held out.
  EXPECT_THAT(ReportHtml(input), HasSubstr("+82 %"));
  input.analysis->set_against_truth(false);
  EXPECT_THAT(ReportHtml(input), HasSubstr("+50 %"));
}

TEST(ReportHtml, JudgesAsTheServerDoes) {
  ReportInput input = FullInput("channel");
  v1::MetricsWithBaseline& holdout = *input.model.mutable_report()->mutable_holdout();
  const auto says = [&](v1::ConstantVerdict verdict, double r2, const char* words) {
    holdout.set_verdict(verdict);
    holdout.mutable_model()->mutable_roi()->set_r2(r2);
    EXPECT_THAT(ReportHtml(input), HasSubstr(words));
  };
  says(v1::CONSTANT_VERDICT_BETTER, 0.4, "Useful: it clearly beats guessing the average");
  says(v1::CONSTANT_VERDICT_BETTER, 0.1, "Modest: it beats guessing the average");
  says(v1::CONSTANT_VERDICT_NOT_SHOWN, 0.1, "Not proven");
  says(v1::CONSTANT_VERDICT_NO_BETTER, -0.1, "No better than guessing the average: do not decide by it");
  says(v1::CONSTANT_VERDICT_WORSE, -2, "it explains nothing of the differences in ROI");
  input.model.mutable_report()->clear_holdout();
  EXPECT_THAT(ReportHtml(input), HasSubstr("Not measured: nothing was held back"));
}

TEST(ReportHtml, SpeaksOfChancesWhereTheTargetHasTwoValues) {
  ReportInput input = FullInput("channel");
  v1::TrainingReport& report = *input.model.mutable_report();
  report.mutable_target()->set_name("Churn");
  report.mutable_target()->set_is_roi(false);
  report.mutable_target()->set_positive_value("Yes");
  report.mutable_holdout()->mutable_model()->mutable_two_valued()->set_auc(0.85);
  OutcomeRows& rows = input.table->outcomes;
  for (size_t i = 0; i < rows.predicted.size(); ++i) {
    rows.predicted[i] = rows.predicted[i] > 0 ? 0.8 : 0.2;
    rows.actual[i] = i % 3 == 0 ? 1 : 0;
  }
  const std::string html = ReportHtml(input);
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_THAT(html, HasSubstr("the chance of Churn = Yes"));
  EXPECT_THAT(html, HasSubstr("it gives the higher chance to the right one in 85 % of cases"));
  EXPECT_THAT(html, HasSubstr("Can its chances be trusted?"));
  EXPECT_THAT(html, Not(HasSubstr("Return on investment")));
}

TEST(CurveFindings, SayWhereProfitPeaksAndEnds) {
  ReportInput input = FullInput("channel");
  // Profits 80, 80, 0, −160 within the range; the last point is outside.
  const auto findings = FindingsOf(*input.curves, 0);
  ASSERT_TRUE(findings.has_value());
  EXPECT_DOUBLE_EQ(findings->best_spend, 100);
  EXPECT_NEAR(findings->best_profit, 80, 1e-9);
  EXPECT_TRUE(findings->best_at_low_end);
  EXPECT_THAT(CurveSentence(*input.curves, 0, "search"),
              HasSubstr("search: profit is highest, about 80.0, at a spend near 100, the lowest shown."));
  EXPECT_EQ(SpendSentence(*input.curves, {"search"}),
            "More spend: from the lowest to the highest spend shown below, the expected ROI goes from 0.80 to −0.40 "
            "(search).");
  input.curves->mutable_curves(0)->clear_profit();
  EXPECT_FALSE(FindingsOf(*input.curves, 0).has_value());
}

}  // namespace
}  // namespace roicast::client
