// analyze and reach, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/client/cli/decisions/decision_commands.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using ::testing::HasSubstr;

class InsightCommands : public testing::DecisionCommands {
 protected:
  InsightCommands() : DecisionCommands("spend,price,channel,start\n100,10,search,2024-01-01\n250,,social,\n") {
    server_.on_analyze = [this](const v1::AnalyzeModelRequest& request, v1::AnalyzeModelResponse* response) {
      analyzed_ = request;
      response->mutable_served_by()->set_model("small");
      response->mutable_served_by()->set_version(3);
      response->set_rows(2);
      response->set_against_truth(true);
      const auto add = [&](const char* feature, double importance, double low, double high) {
        v1::FeatureImportance& one = *response->add_importance();
        one.set_feature(feature);
        one.set_importance(importance);
        one.mutable_interval()->set_low(low);
        one.mutable_interval()->set_high(high);
        one.set_ratio(1 + importance);
      };
      add("spend", 0.25, 0.125, 0.375);
      add("price", 0.01, -0.01, 0.03);
      return grpc::Status::OK;
    };
    server_.on_counterfactual = [this](const v1::FindCounterfactualRequest& request,
                                       v1::FindCounterfactualResponse* response) {
      reached_ = request;
      response->set_reached(true);
      response->set_prediction_before(0.125);
      response->set_prediction(0.5);
      v1::FeatureChange& price = *response->add_changes();
      price.set_feature("price");
      price.mutable_to()->set_number(7.5);
      v1::FeatureChange& channel = *response->add_changes();
      channel.set_feature("channel");
      channel.mutable_from()->set_word("search");
      channel.mutable_to()->set_word("social");
      return grpc::Status::OK;
    };
  }

  v1::AnalyzeModelRequest analyzed_;
  v1::FindCounterfactualRequest reached_;
};

TEST_F(InsightCommands, AnalyzeUploadsTheFileAndShowsWhatMatters) {
  const ProcessResult result = Run({"analyze", "--rules", "0", "--shuffles", "7", "--seed", "5"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(analyzed_.dataset_digest(), "digest-of-the-upload");
  EXPECT_EQ(server_.uploaded(), "spend,price,channel,start\n100,10,search,2024-01-01\n250,,social,\n");
  EXPECT_TRUE(analyzed_.importance());
  EXPECT_EQ(analyzed_.shuffles(), 7);
  EXPECT_EQ(analyzed_.seed(), 5);
  EXPECT_EQ(analyzed_.tree_depth(), 0);
  EXPECT_THAT(result.output, HasSubstr("small version 3, on 2 rows\n"
                                       "\n"
                                       "feature  error rises by            90 %  times the error\n"
                                       "spend              0.25  0.125 to 0.375             1.25\n"
                                       "price              0.01   -0.01 to 0.03             1.01  may be of no use\n"));
}

TEST_F(InsightCommands, AnalyzeShowsDependenceInteractionsAndRules) {
  server_.on_analyze = [this](const v1::AnalyzeModelRequest& request, v1::AnalyzeModelResponse* response) {
    analyzed_ = request;
    response->set_rows(32);
    v1::FeatureDependence& channel = *response->add_dependence();
    channel.set_feature("channel");
    for (const char* label : {"search", "social"}) {
      channel.add_labels(label);
      channel.add_mean(0.5);
      channel.add_low(0.25);
      channel.add_high(0.75);
      channel.add_rows(16);
    }
    v1::FeatureInteraction& pair = *response->add_interactions();
    pair.set_first("spend");
    pair.set_second("channel");
    pair.set_strength(0.125);
    pair.set_h(0.25);
    v1::TreeRule& rule = *response->mutable_tree()->add_rules();
    rule.set_conditions("channel is search");
    rule.set_share(0.5);
    rule.set_prediction(0.75);
    response->mutable_tree()->set_fidelity(0.5);
    return grpc::Status::OK;
  };
  const ProcessResult result = RunWithoutTable(
      {"analyze", "--along", "channel", "--points", "9", "--interactions", "spend,channel", "--rules", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(analyzed_.dataset_digest(), "");
  EXPECT_EQ(analyzed_.dependence(0), "channel");
  EXPECT_EQ(analyzed_.grid_points(), 9);
  ASSERT_EQ(analyzed_.interactions_size(), 2);
  EXPECT_EQ(analyzed_.tree_depth(), 2);
  EXPECT_THAT(result.output, HasSubstr("on the 32 typical rows that were stored in training\n"));
  EXPECT_THAT(result.output, HasSubstr("predictions along channel\n"
                                       "        mean     most rows  rows near\n"
                                       "search   0.5  0.25 to 0.75         16\n"));
  EXPECT_THAT(result.output, HasSubstr("spend and channel              0.125     25 %\n"));
  EXPECT_THAT(result.output, HasSubstr("channel is search        0.75         50 %\n"
                                       "they tell 50 % of its predictions' variance on other rows: do not read them as "
                                       "the model\n"));
}

TEST_F(InsightCommands, AnalyzeWithoutABackgroundAsksForAFile) {
  server_.on_analyze = [](const v1::AnalyzeModelRequest&, v1::AnalyzeModelResponse*) {
    return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::NO_BACKGROUND, "no stored background");
  };
  const ProcessResult result = RunWithoutTable({"analyze"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, HasSubstr("roicast: no stored background\n"
                                       "  say what to analyze it on: roicast analyze FILE, or train a new version"));
}

TEST_F(InsightCommands, AnalyzeSaysWhatADatasetLacks) {
  server_.on_analyze = [](const v1::AnalyzeModelRequest& request, v1::AnalyzeModelResponse* response) {
    EXPECT_EQ(request.dataset_digest(), "abc");
    response->set_rows(100000);
    response->set_dataset_rows(250000);
    response->set_rows_refused(3);
    response->set_no_truths_because("no column \"roi\"");
    response->add_features_without_column("price");
    return grpc::Status::OK;
  };
  const ProcessResult result = RunWithoutTable({"analyze", "--dataset", "abc"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("on 100,000 rows of 250,000, evenly spread; 3 cannot be predicted and are left "
                                       "out\n"
                                       "what came true is not known: no column \"roi\"\n"
                                       "no column for price: typical values were used\n"));
  const auto json = nlohmann::json::parse(RunWithoutTable({"analyze", "--dataset", "abc", "--json"}).output);
  EXPECT_EQ(json["dataset_digest"], "abc");
  EXPECT_EQ(json["rows_refused"], "3");
}

TEST_F(InsightCommands, AnalyzeSaysWhyThereAreNoRules) {
  server_.on_analyze = [](const v1::AnalyzeModelRequest&, v1::AnalyzeModelResponse* response) {
    response->set_rows(12);
    response->set_no_tree_because("a tree needs at least 20 rows with a prediction, there are 12");
    return grpc::Status::OK;
  };
  const ProcessResult result = RunWithoutTable({"analyze"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("\nno rules: a tree needs at least 20 rows with a prediction, there are 12\n"));
}

TEST_F(InsightCommands, ReachShowsTheSmallestChange) {
  const ProcessResult result = Run({"reach", "--line", "3", "--at-least", "0.5", "--change", "price=5..20/2.5",
                                    "--change", "channel=search,social", "--change", "start=2024-01-01..2024-02-01",
                                    "--change", "spend", "--max-changes", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(reached_.row().matrix().rows(), 1);
  EXPECT_EQ(reached_.row().matrix().values(0), 250);
  EXPECT_EQ(reached_.at_least(), 0.5);
  EXPECT_EQ(reached_.max_changes(), 2);
  ASSERT_EQ(reached_.changeable_size(), 4);
  EXPECT_EQ(reached_.changeable(0).min(), 5);
  EXPECT_EQ(reached_.changeable(0).max(), 20);
  EXPECT_EQ(reached_.changeable(0).step(), 2.5);
  ASSERT_EQ(reached_.changeable(1).words_size(), 2);
  EXPECT_EQ(reached_.changeable(1).words(1), "social");
  EXPECT_EQ(reached_.changeable(2).min(), 1704067200);
  EXPECT_EQ(reached_.changeable(2).max(), 1706745600);
  EXPECT_FALSE(reached_.changeable(3).has_min());
  EXPECT_EQ(result.output,
            "small version 3, line 3: now 0.125, wanted at least 0.5\n"
            "\n"
            "change   from     to\n"
            "price    missing  7.5\n"
            "channel  search   social\n"
            "\n"
            "then 0.5\n");
}

TEST_F(InsightCommands, WhatTheServerRefusesOfAChangeIsAUsageErrorOfIt) {
  server_.on_counterfactual = [](const v1::FindCounterfactualRequest&, v1::FindCounterfactualResponse*) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                        "changeable[1].words[1]: expected a word that \"channel\" had in training, got \"radio\"");
  };
  const ProcessResult result =
      Run({"reach", "--at-least", "1", "--change", "price", "--change", "channel=search,radio"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--change channel=search,radio: words: expected a word that \"channel\" had in "
                                       "training, got \"radio\""));
}

TEST_F(InsightCommands, ReachTakesAnRoiOfAModelOfRevenue) {
  server_.on_counterfactual = [this](const v1::FindCounterfactualRequest& request,
                                     v1::FindCounterfactualResponse* response) {
    reached_ = request;
    response->set_reached(true);
    response->set_prediction_before(1000);
    response->set_roi_before(0.25);
    response->set_prediction(1200);
    response->set_roi(0.5);
    v1::FeatureChange& change = *response->add_changes();
    change.set_feature("price");
    change.mutable_to()->set_number(7);
    return grpc::Status::OK;
  };
  const ProcessResult result = Run({"reach", "--roi-at-least", "0.5", "--spend", "cost", "--change", "price"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(reached_.roi_at_least(), 0.5);
  EXPECT_EQ(reached_.spend_feature(), "cost");
  EXPECT_THAT(result.output, HasSubstr("now 1,000 (ROI 0.25), wanted an ROI of at least 0.5\n"));
  EXPECT_THAT(result.output, HasSubstr("\nthen 1,200 (ROI 0.5)\n"));
  Run({"reach", "--roi-at-most", "-0.5", "--change", "price"});
  EXPECT_EQ(reached_.roi_at_most(), -0.5);
  const ProcessResult unused = Run({"reach", "--at-least", "1", "--spend", "cost", "--change", "price"});
  EXPECT_EQ(unused.exit_code, 2);
  EXPECT_THAT(unused.errors, HasSubstr("--spend cost: only an ROI needs the spend"));
  const ProcessResult both = Run({"reach", "--roi-at-most", "1", "--at-least", "1", "--change", "price"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.errors, HasSubstr("Expected one of --at-least VALUE, --at-most VALUE, --roi-at-least ROI"));
}

TEST_F(InsightCommands, ReachHelpSaysThatNumbersAreRounded) {
  EXPECT_THAT(RunWithoutTable({"reach", "--help"}).output,
              HasSubstr("half a per cent of the size of the whole change"));
}

TEST_F(InsightCommands, ReachSaysThatItIsNotReachedAndEndsWith5) {
  server_.on_counterfactual = [](const v1::FindCounterfactualRequest& request,
                                 v1::FindCounterfactualResponse* response) {
    EXPECT_EQ(request.at_most(), -2);
    response->set_prediction_before(1);
    response->set_prediction(1);
    return grpc::Status::OK;
  };
  const ProcessResult result = Run({"reach", "--at-most", "-2", "--change", "price"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.output, HasSubstr("now 1, wanted at most -2\n\nnot within these bounds, as far as was found\n"));
  const auto json = nlohmann::json::parse(Run({"reach", "--at-most", "-2", "--change", "price", "--json"}).output);
  EXPECT_EQ(json["line"], 2);
  EXPECT_EQ(json["reached"], false);
}

TEST_F(InsightCommands, ReachNamesWhatIsWrongWithItsFlags) {
  ProcessResult result = Run({"reach", "--change", "price"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("Expected one of --at-least VALUE, --at-most VALUE"));
  result = Run({"reach", "--at-least", "1"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("Expected at least one --change FEATURE"));
  result = Run({"reach", "--at-least", "1", "--change", "prise=1..2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("the model has no feature \"prise\"; did you mean \"price\"?"));
  result = Run({"reach", "--at-least", "1", "--change", "start=2025-01-01..2024-12-31"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--change: expected a first date that is not after the last, got "
                                       "\"start=2025-01-01..2024-12-31\""));
  result = Run({"reach", "--at-least", "1", "--change", "price=3..2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--change: expected MIN ≤ MAX, got \"price=3..2\""));
  result = Run({"reach", "--at-least", "1", "--change", "price=1-2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--change: expected price=MIN..MAX or price=MIN..MAX/STEP, got \"price=1-2\""));
}

}  // namespace
}  // namespace roicast::client
