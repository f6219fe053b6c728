#include "model/evaluation/conclusion.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

MetricsWithBaseline Numbers(int64_t rows, double r2, double low, double high) {
  MetricsWithBaseline metrics;
  metrics.model.rows = rows;
  metrics.distinct_inputs = rows;
  metrics.model.roi.r2 = r2;
  metrics.first_metric_low = low;
  metrics.first_metric_high = high;
  return metrics;
}

MetricsWithBaseline Classes(int64_t rows, double auc, double low, double high) {
  MetricsWithBaseline metrics = Numbers(rows, 0.0, low, high);
  metrics.model.two_valued = ClassificationMetrics();
  metrics.model.two_valued->auc = auc;
  metrics.baseline.two_valued = ClassificationMetrics();
  return metrics;
}

// What the transformed scale says: R² and the half width of its interval.
MetricsWithBaseline WithTransformed(MetricsWithBaseline metrics, double r2, double half_width) {
  metrics.model.transformed.r2 = r2;
  metrics.model.transformed.mse = 1.0 - r2;
  metrics.baseline.transformed.mse = 1.0;
  metrics.r2_standard_error = half_width / StudentQuantile95(metrics.distinct_inputs - 1);
  return metrics;
}

std::string Conclusion(const MetricsWithBaseline& train, const MetricsWithBaseline& holdout) {
  return DrawConclusion(train, holdout, CrossValidation());
}

TEST(Conclusion, HoldsOnNewRows) {
  EXPECT_EQ(Conclusion(Numbers(2400, 0.93, 0.92, 0.94), Numbers(600, 0.91, 0.89, 0.93)),
            "holds on new rows: R² 0.91 (0.89–0.93), 600 new rows");
  EXPECT_EQ(Conclusion(Classes(5600, 0.86, 0.85, 0.87), Classes(1409, 0.846, 0.827, 0.865)),
            "holds on new rows: AUC 0.85 (0.83–0.86), 1,409 new rows");
}

TEST(Conclusion, SaysWhenItIsMuchBetterOnRowsItLearntFrom) {
  EXPECT_EQ(Conclusion(Numbers(2400, 0.98, 0.97, 0.99), Numbers(600, 0.41, 0.33, 0.48)),
            "much better on rows it learnt from (R² 0.980) than on 600 new rows: R² 0.41 (0.33–0.48)");
  // Within chance.
  EXPECT_EQ(Conclusion(Numbers(240, 0.65, 0.6, 0.7), Numbers(60, 0.41, 0.10, 0.66)),
            "holds on new rows: R² 0.41 (0.10–0.66), 60 new rows");
  EXPECT_EQ(Conclusion(Classes(900, 0.95, 0.94, 0.96), Classes(300, 0.75, 0.7, 0.8)),
            "much better on rows it learnt from (AUC 0.95) than on 300 new rows: AUC 0.75 (0.70–0.80)");
}

TEST(Conclusion, IsNoBetterThanAConstant) {
  EXPECT_EQ(Conclusion(Numbers(2400, 0.01, 0.0, 0.02), Numbers(600, -0.002, -0.01, 0.003)),
            "no better than a constant on 600 new rows: R² 0.00 (−0.01 to 0.00)");
  EXPECT_EQ(Conclusion(Numbers(2400, 0.98, 0.97, 0.99), Numbers(600, -0.03, -0.2, 0.1)),
            "no better than a constant on 600 new rows: R² −0.03 (−0.20 to 0.10); on rows it learnt from R² is 0.980, "
            "so it learnt much of them by heart");
  EXPECT_EQ(Conclusion(Classes(900, 0.55, 0.5, 0.6), Classes(300, 0.49, 0.42, 0.56)),
            "no better than a constant on 300 new rows: AUC 0.49 (0.42–0.56)");
}

// The constant is the mean of the training rows, which has an R² below 0 on new ones.
TEST(Conclusion, IsWorseThanAConstantOnlyBelowWhatTheConstantItselfHas) {
  MetricsWithBaseline holdout = Numbers(600, -0.5, -0.9, -0.2);
  holdout.baseline.roi.r2 = -0.01;
  EXPECT_EQ(
      Conclusion(Numbers(2400, 0.1, 0.05, 0.15), holdout),
      "worse than a constant on 600 new rows: R² −0.50 (−0.90 to −0.20); on rows it learnt from R² is 0.10, so it "
      "learnt much of them by heart");
  holdout.baseline.roi.r2 = -0.5;
  EXPECT_EQ(Conclusion(MetricsWithBaseline(), holdout),
            "no better than a constant on 600 new rows: R² −0.50 (−0.90 to −0.20)");
}

TEST(Conclusion, IsNotShownToBeBetterThanAConstant) {
  EXPECT_EQ(Conclusion(Numbers(2400, 0.1, 0.05, 0.15), Numbers(600, 0.05, -0.03, 0.12)),
            "not shown to be better than a constant on 600 new rows: R² 0.05 (−0.03 to 0.12)");
}

TEST(Conclusion, SaysWhenItExplainsLittle) {
  EXPECT_EQ(Conclusion(Numbers(9000, 0.06, 0.05, 0.07), Numbers(3000, 0.05, 0.02, 0.08)),
            "better than a constant on 3,000 new rows, but it explains little: R² 0.05 (0.02–0.08)");
  EXPECT_EQ(Conclusion(Classes(900, 0.55, 0.54, 0.56), Classes(3000, 0.53, 0.51, 0.55)),
            "better than a constant on 3,000 new rows, but it explains little: AUC 0.53 (0.51–0.55)");
}

TEST(Conclusion, SaysWhenFewLargeRowsRuleTheNumber) {
  const MetricsWithBaseline train = Numbers(2400, 0.3, 0.2, 0.4);
  EXPECT_EQ(
      Conclusion(train, WithTransformed(Numbers(600, -2.27, -4.0, 0.1), 0.33, 0.05)),
      "tells small from large on 600 new rows (R² 0.33 on the transformed scale), but is no better than a constant "
      "in the target's own unit, where a few large rows rule: R² −2.27 (−4.00 to 0.10)");
  EXPECT_EQ(Conclusion(train, WithTransformed(Numbers(600, 0.2, -0.5, 0.4), 0.33, 0.05)),
            "tells small from large on 600 new rows (R² 0.33 on the transformed scale), but is not shown to be better "
            "than a constant in the target's own unit, where a few large rows rule: R² 0.20 (−0.50 to 0.40)");
  // Not shown on the transformed scale either.
  EXPECT_EQ(
      Conclusion(train, WithTransformed(Numbers(600, -0.1, -0.4, 0.1), 0.03, 0.05)),
      "no better than a constant on 600 new rows: R² −0.10 (−0.40 to 0.10); on rows it learnt from R² is 0.30, so "
      "it learnt much of them by heart");
}

TEST(Conclusion, SaysThatFewRowsAreFew) {
  const MetricsWithBaseline none;
  EXPECT_EQ(Conclusion(none, Numbers(12, 0.6, 0.1, 0.8)), "only 12 new rows: it holds on them: R² 0.60 (0.10–0.80)");
  EXPECT_EQ(Conclusion(none, Numbers(12, 0.3, -0.4, 0.8)),
            "only 12 new rows: not shown to be better than a constant on them: R² 0.30 (−0.40 to 0.80)");
  EXPECT_EQ(Conclusion(none, Numbers(1, 0.0, 0.0, 0.0)), "only 1 new row: nothing is proven");
  MetricsWithBaseline copies = Numbers(100, 0.9, 0.8, 1.0);
  copies.distinct_inputs = 3;
  EXPECT_EQ(Conclusion(none, copies), "only 100 new rows, 3 of them distinct: nothing is proven");
}

TEST(Conclusion, SaysWhenNothingWasHeldOut) {
  EXPECT_EQ(Conclusion(Numbers(100, 0.9, 0.8, 1.0), MetricsWithBaseline()),
            "nothing was held out: it is not known whether it holds on new rows");
  CrossValidation folds;
  folds.first_metric = {0.8, 0.9};
  folds.all = Numbers(100, 0.85, 0.8, 0.9);
  EXPECT_EQ(DrawConclusion(Numbers(100, 0.9, 0.8, 1.0), MetricsWithBaseline(), folds),
            "by cross-validation: holds on new rows: R² 0.85 (0.80–0.90), 100 new rows");
}

LearntRowsCheck Checked(int64_t checked, int64_t learnt, bool sampled) {
  LearntRowsCheck check;
  check.rows_checked = checked;
  check.rows_learnt = learnt;
  check.sampled = sampled;
  if (learnt < checked) check.fresh = Numbers(checked - learnt, -0.03, -0.2, 0.1);
  return check;
}

TEST(EvaluationConclusion, SaysWhichRowsWereLearntFrom) {
  const MetricsWithBaseline all = Numbers(600, 0.64, 0.6, 0.68);
  EXPECT_EQ(
      DrawEvaluationConclusion(all, Checked(600, 412, false)),
      "412 of 600 rows (68 %) were learnt from: these metrics flatter; on the other 188: R² −0.03 (−0.20 to 0.10)");
  EXPECT_EQ(DrawEvaluationConclusion(all, Checked(600, 600, false)),
            "all were learnt from, so the metrics flatter, and tell nothing about new rows: R² 0.64 (0.60–0.68)");
  EXPECT_EQ(DrawEvaluationConclusion(all, Checked(600, 0, false)),
            "none was learnt from: holds on new rows: R² 0.64 (0.60–0.68), 600 new rows");
}

TEST(EvaluationConclusion, SaysHowManyRowsCouldBeChecked) {
  const MetricsWithBaseline all = Numbers(6000, 0.64, 0.6, 0.68);
  EXPECT_EQ(
      DrawEvaluationConclusion(all, Checked(40, 30, true)),
      "40 of the 6,000 rows could be checked: 30 of 40 rows (75 %) were learnt from: these metrics flatter; on the "
      "other 10: R² −0.03 (−0.20 to 0.10)");
  EXPECT_EQ(DrawEvaluationConclusion(all, Checked(19, 10, true)),
            "19 of the 6,000 rows could be checked: 10 of these were learnt from, too few to tell; if others were, the "
            "metrics flatter: R² 0.64 (0.60–0.68)");
}

TEST(EvaluationConclusion, SaysWhenItIsNotKnown) {
  LearntRowsCheck check;
  check.unknown_because = "another target than in training";
  EXPECT_EQ(DrawEvaluationConclusion(Numbers(60, 0.64, 0.6, 0.68), check),
            "it is not known whether these rows were learnt from (another target than in training); if they were, the "
            "metrics flatter: R² 0.64 (0.60–0.68)");
  EXPECT_EQ(DrawEvaluationConclusion(MetricsWithBaseline(), check), "no row could be evaluated");
}

}  // namespace
}  // namespace roicast
