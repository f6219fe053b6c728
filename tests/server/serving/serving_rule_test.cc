#include "server/serving/serving_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Feature Numeric(const std::string& name) {
  Feature feature;
  feature.name = name;
  return feature;
}

Feature Words(const std::string& name, std::vector<std::string> vocabulary = {"a", "b"}) {
  Feature feature;
  feature.name = name;
  feature.kind = FeatureKind::kCategorical;
  feature.vocabulary = std::move(vocabulary);
  return feature;
}

Feature Allowed(const std::string& name, double min, double max, bool exclusive = false) {
  Feature feature = Numeric(name);
  feature.allowed_min = min;
  feature.allowed_max = max;
  feature.allowed_min_exclusive = exclusive;
  return feature;
}

MetricsWithBaseline Holdout(double r2, double standard_error, int64_t rows = 440) {
  MetricsWithBaseline metrics;
  metrics.model.rows = metrics.baseline.rows = rows;
  metrics.baseline.transformed.mse = 1.0;
  metrics.model.transformed.mse = 1.0 - r2;
  metrics.model.roi.r2 = 2 * r2;  // in the target's own unit
  metrics.r2_standard_error = standard_error;
  return metrics;
}

const Schema kOld{{Numeric("clicks"), Words("city")}};

TEST(RequestsThatWouldFail, FurtherFeaturesAnotherOrderAndOtherWordsAreFine) {
  EXPECT_THAT(RequestsThatWouldFail(kOld, kOld), IsEmpty());
  const Schema more{{Words("city", {"x"}), Numeric("views"), Numeric("clicks")}};
  EXPECT_THAT(RequestsThatWouldFail(kOld, more), IsEmpty());
}

TEST(RequestsThatWouldFail, MissingFeaturesAndOtherKindsAreNamed) {
  const Schema other{{Words("clicks"), Numeric("town")}};
  EXPECT_THAT(RequestsThatWouldFail(kOld, other),
              ElementsAre("feature \"clicks\" is categorical, was numeric", "feature \"city\" is missing"));
}

TEST(RequestsThatWouldFail, ARangeMayGrowButNotShrink) {
  struct Case {
    Feature before, after;
    const char* cause;  // "": none.
  };
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Case& c : {
           Case{Allowed("x", 0, 5), Allowed("x", 0, 5), ""},
           Case{Allowed("x", 0, 5), Allowed("x", -1, 6), ""},
           Case{Allowed("x", 0, 5, true), Allowed("x", 0, 5), ""},
           Case{Allowed("x", 0, 5), Numeric("x"), ""},
           Case{Allowed("x", 0, 5), Allowed("x", 0, 4), "feature \"x\" takes 0 to 4, took 0 to 5"},
           Case{Allowed("x", 0, 5), Allowed("x", 1, 5), "feature \"x\" takes 1 to 5, took 0 to 5"},
           Case{Allowed("x", 0, infinity), Allowed("x", 0, infinity, true), "feature \"x\" takes > 0, took ≥ 0"},
           Case{Numeric("x"), Allowed("x", 0, infinity),
                "feature \"x\" takes ≥ 0, took a number within float32's range"},
       }) {
    const std::vector<std::string> causes = RequestsThatWouldFail({{c.before}}, {{c.after}});
    if (*c.cause == '\0') {
      EXPECT_THAT(causes, IsEmpty());
    } else {
      EXPECT_THAT(causes, ElementsAre(c.cause));
    }
  }
}

TEST(RequestsThatWouldFail, CampaignMessagesStayValid) {
  Schema more = CampaignSchema();
  more.features.push_back(Numeric("weather"));
  EXPECT_THAT(RequestsThatWouldFail(CampaignSchema(), more),
              ElementsAre("Campaign messages are no longer taken, because they have no field for feature \"weather\""));
  EXPECT_THAT(RequestsThatWouldFail(more, more), IsEmpty()) << "they were not taken before";
}

TEST(ServingRule, TheTable) {
  const Schema other{{Numeric("clicks")}};
  struct Case {
    const char* name;
    ServingState now;
    int64_t version;
    const Schema* schema;
    MetricsWithBaseline holdout;
    std::vector<Obstacle> by_rule;
    std::vector<Obstacle> by_hand;
  };
  const MetricsWithBaseline good = Holdout(0.8, 0.02), noisy = Holdout(0.05, 0.1), useless = Holdout(-0.01, 0.1),
                            bad = Holdout(-0.45, 0.1), unmeasured;
  const ServingState none{}, first{1, &kOld, 0}, third{3, &kOld, 0}, held{1, &kOld, 1};
  using O = Obstacle;
  for (const Case& c : {
           Case{"first version", none, 1, &kOld, good, {}, {}},
           Case{"first, not shown to be better", none, 1, &kOld, noisy, {}, {}},
           Case{"first, nothing held out", none, 1, &kOld, unmeasured, {}, {}},
           Case{"first, no better", none, 1, &kOld, useless, {O::kQuality}, {O::kQuality}},
           Case{"first, worse", none, 1, &kOld, bad, {O::kQuality}, {O::kQuality}},
           Case{"next version", first, 2, &kOld, good, {}, {}},
           Case{"next, not shown to be better", first, 2, &kOld, noisy, {}, {}},
           Case{"next, worse", first, 2, &kOld, bad, {O::kQuality}, {O::kQuality}},
           Case{"next, another schema", first, 2, &other, good, {O::kIncompatible}, {O::kIncompatible}},
           Case{"next, both", first, 2, &other, bad, {O::kIncompatible, O::kQuality}, {O::kIncompatible, O::kQuality}},
           Case{"an older one", third, 2, &kOld, good, {O::kOlder}, {}},
           Case{"behind one that holds", held, 2, &kOld, good, {O::kHeld}, {}},
           Case{"the serving one", first, 1, &kOld, good, {}, {}},
       }) {
    const ServingCandidate candidate{c.version, c.schema, &c.holdout};
    const auto obstacles = [](const std::vector<Objection>& objections) {
      std::vector<Obstacle> found;
      for (const Objection& objection : objections) found.push_back(objection.obstacle);
      return found;
    };
    EXPECT_EQ(obstacles(ObjectionsByRule(c.now, candidate)), c.by_rule) << c.name;
    EXPECT_EQ(obstacles(ObjectionsByHand(c.now, candidate)), c.by_hand) << c.name;
  }
}

// Requests stayed valid and the holdout was good, so that versions of another target, of other words or of a handful of
// rows took over by themselves.
TEST(ServingRule, WhatIsUnlikeTheServingVersionWaitsForAPerson) {
  const Schema renamed{{Numeric("clicks"), Words("city", {"A", "B"})}};
  const MetricsWithBaseline good = Holdout(0.8, 0.02), noisy = Holdout(0.16, 0.48, 20), unmeasured;
  const RoiRange usual{0.5, 1.5}, per_cent{50, 150};
  const ServingState now{1, &kOld, 0, &good, usual};
  const std::string command = " To serve it all the same: roicast models serve shop 2";
  struct Case {
    ServingCandidate candidate;
    Obstacle obstacle;
    std::string text;
  };
  for (const Case& c : {
           Case{{2, &kOld, &good, per_cent},
                Obstacle::kScale,
                "a typical ROI is 50 to 150, and was 0.5 to 1.5 in version 1, as if it were another target, or in "
                "another unit, such "
                "as per cent"},
           Case{{2, &renamed, &good, usual},
                Obstacle::kWords,
                "it does not know most words that version 1 knows: 2 of 2 of \"city\", such as \"a\""},
           Case{{2, &kOld, &noisy, usual},
                Obstacle::kUnproven,
                "not shown to be better than a constant, as version 1 was: R² 0.32 on the holdout's 20 rows; judged "
                "by R² 0.16 as transformed with a standard error of 0.48"},
       }) {
    const std::vector<Objection> objections = ObjectionsByRule(now, c.candidate);
    ASSERT_THAT(objections, SizeIs(1)) << c.text;
    EXPECT_EQ(objections[0].obstacle, c.obstacle);
    EXPECT_EQ(objections[0].text, c.text);
    EXPECT_THAT(NotServingText(objections, "shop", 2), ::testing::EndsWith(command)) << "without --force";
    EXPECT_THAT(ObjectionsByHand(now, c.candidate), IsEmpty());
    EXPECT_THAT(ObjectionsByRule({}, c.candidate), IsEmpty()) << "a first version has nothing to be compared with";
  }
  EXPECT_THAT(ObjectionsByRule(now, {2, &kOld, &good, usual}), IsEmpty());
  const double euros[] = {3120, std::nan("")}, thousands[] = {3.12, std::nan("")};
  ServingState of_euros = now;
  of_euros.typical_values = euros;
  EXPECT_THAT(ObjectionsByRule(of_euros, {2, &kOld, &good, usual, euros}), IsEmpty());
  const std::vector<Objection> other_unit = ObjectionsByRule(of_euros, {2, &kOld, &good, usual, thousands});
  ASSERT_THAT(other_unit, SizeIs(1));
  EXPECT_EQ(other_unit[0].obstacle, Obstacle::kScale);
  EXPECT_EQ(other_unit[0].text,
            "numbers are on another scale than in version 1, as if they were in another unit: \"clicks\" is usually "
            "3.12, and was 3120");
  EXPECT_THAT(ObjectionsByHand(of_euros, {2, &kOld, &good, usual, thousands}), IsEmpty());
  EXPECT_THAT(ObjectionsByRule(now, {2, &kOld, &unmeasured, usual}), IsEmpty());
  MetricsWithBaseline probabilities = good;
  probabilities.model.two_valued.emplace();
  const std::vector<Objection> other_kind = ObjectionsByRule(now, {2, &kOld, &probabilities, usual});
  ASSERT_THAT(other_kind, SizeIs(1));
  EXPECT_EQ(other_kind[0].obstacle, Obstacle::kScale);
  EXPECT_EQ(other_kind[0].text, "it predicts a probability, and version 1 a number");
  const ServingState unproven{1, &kOld, 0, &noisy, usual};
  EXPECT_THAT(ObjectionsByRule(unproven, {2, &kOld, &noisy, usual}), IsEmpty());
}

TEST(ServingRule, TheTextSaysWhatIsInTheWayAndTheCommand) {
  const Schema other{{Numeric("clicks")}};
  const MetricsWithBaseline bad = Holdout(-0.45, 0.1234), good = Holdout(0.8, 0.02);
  const ServingState now{1, &kOld, 0};
  EXPECT_EQ(NotServingText(ObjectionsByRule(now, {2, &other, &bad}), "shop", 2),
            "requests that version 1 takes would fail: feature \"city\" is missing; worse than a constant: R² −0.90 on "
            "the holdout's 440 rows; judged by R² -0.45 as transformed with a standard error of 0.12. To serve it all "
            "the same: roicast models serve shop 2 "
            "--force");
  EXPECT_EQ(NotServingText(ObjectionsByRule({1, &kOld, 1}, {2, &kOld, &good}), "shop", 2),
            "version 1 was made to serve by hand and holds its place. To serve it all the same: roicast models serve "
            "shop 2");
  MetricsWithBaseline probability = bad;
  probability.model.two_valued.emplace().auc = 0.31;
  EXPECT_EQ(ObjectionsByHand({}, {1, &kOld, &probability})[0].text,
            "worse than a constant: AUC 0.31 on the holdout's 440 rows; judged by R² -0.45 of the probability with a "
            "standard error of 0.12");
  const MetricsWithBaseline one_row = Holdout(-1, std::nan(""), 1);
  EXPECT_EQ(ObjectionsByHand({}, {1, &kOld, &one_row})[0].text,
            "no better than a constant: R² −2.00 on the holdout's 1 row; judged by R² -1 as transformed");
}

TEST(ServingRule, ManyCausesAreCounted) {
  Schema wide, empty;
  for (int i = 0; i < 11; ++i) wide.features.push_back(Numeric("f" + std::to_string(i)));
  const MetricsWithBaseline unmeasured;
  const std::vector<Objection> objections = ObjectionsByRule({1, &wide, 0}, {2, &empty, &unmeasured});
  ASSERT_THAT(objections, SizeIs(1));
  EXPECT_THAT(objections[0].text, ::testing::EndsWith("feature \"f7\" is missing; and 3 more"));
}

}  // namespace
}  // namespace roicast
