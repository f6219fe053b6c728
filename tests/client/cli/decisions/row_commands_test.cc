// explain, curve and rank, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/cli/format.h"
#include "tests/client/cli/decisions/decision_commands.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::ReadFileOrEmpty;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::WriteFile;

class RowCommands : public testing::DecisionCommands {
 protected:
  RowCommands() : DecisionCommands("spend;price;channel;start\n1,5;10;search;2024-01-01\n2,5;;TikTok;\n") {}
};

TEST_F(RowCommands, ExplainShowsTheLargestReasonsOfEachRow) {
  server_.on_explain = [](const v1::ExplainRequest& request, v1::ExplainResponse* response) {
    EXPECT_EQ(request.rows().matrix().rows(), 2);
    EXPECT_EQ(request.rounds(), 7);
    response->set_base_value(0.1);
    for (const float prediction : {0.5f, -0.2f}) response->add_predictions(prediction);
    for (const double value : {0.1, -0.05, 0.4, -0.05, 0.1, -0.2, -0.1, -0.1}) response->add_attributions(value);
    for (int i = 0; i < 8; ++i) response->add_standard_errors(i == 2 ? 0.01 : 0);
    return grpc::Status::OK;
  };
  const ProcessResult result = Run({"explain", "--top", "2", "--rounds", "7"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "small version 3: typical prediction 0.1\n"
            "\n"
            "line 2: 0.5000\n"
            "  because   is      adds     ±\n"
            "  channel   search  +0.4  0.01  ++++++++++++++++++++\n"
            "  spend     1.5     +0.1        +++++\n"
            "  2 others          -0.1\n"
            "\n"
            "line 3: -0.2000\n"
            "  because   is       adds  ±\n"
            "  price     missing  -0.2     --------------------\n"
            "  spend     2.5      +0.1     ++++++++++\n"
            "  2 others           -0.2\n");
}

TEST_F(RowCommands, ExplainWritesEveryAttributionInTheFilesForm) {
  ASSERT_EQ(Run({"explain", "-o", dir_.File("why.csv")}).exit_code, 0);
  EXPECT_EQ(ReadFileOrEmpty(dir_.File("why.csv")),
            "spend;price;channel;start;prediction;base_value;adds_spend;adds_price;adds_channel;adds_start\n"
            "1,5;10;search;2024-01-01;1,5;0,25;1,25;0;0;0\n"
            "2,5;;TikTok;;2,5;0,25;2,25;0;0;0\n");
}

TEST_F(RowCommands, ExplainJsonHasAllReasonsWithTheirValues) {
  const auto json = nlohmann::json::parse(Run({"explain", "--json"}).output);
  EXPECT_EQ(json["base_value"], 0.25);
  EXPECT_EQ(json["rows"][1]["line"], 3);
  EXPECT_EQ(json["rows"][0]["reasons"].size(), 4u);
  EXPECT_EQ(json["rows"][0]["reasons"][0]["feature"], "spend");
  EXPECT_EQ(json["rows"][0]["reasons"][0]["adds"], 1.25);
  EXPECT_EQ(json["rows"][0]["reasons"][3]["value"], "2024-01-01");
}

TEST_F(RowCommands, ExplainSendsABackgroundAndSaysWhatARowLacks) {
  server_.on_explain = [](const v1::ExplainRequest& request, v1::ExplainResponse* response) {
    EXPECT_EQ(request.background().matrix().rows(), 1);
    response->add_predictions(std::numeric_limits<float>::quiet_NaN());
    response->add_predictions(1);
    for (int i = 0; i < 8; ++i) response->add_attributions(0);
    v1::RowIssue& issue = *response->add_issues();
    issue.mutable_status()->set_code(3);
    issue.mutable_status()->set_message("spend: expected > 0, got -5");
    return grpc::Status::OK;
  };
  WriteFile(dir_.File("typical.csv"), "spend\n5\n");
  const ProcessResult result = Run({"explain", "--background", dir_.File("typical.csv")});
  EXPECT_THAT(result.output, HasSubstr("line 2: no prediction: spend: expected > 0, got -5\n"));
}

TEST_F(RowCommands, ExplainWithoutABackgroundSaysWhatToDo) {
  server_.on_explain = [](const v1::ExplainRequest&, v1::ExplainResponse*) {
    return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::NO_BACKGROUND, "no stored background");
  };
  const ProcessResult result = Run({"explain"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, HasSubstr("roicast: no stored background\n"
                                       "  say what is typical: --background FILE, or train a new version"));
}

TEST_F(RowCommands, CurveDrawsProfitAndMarksTheTrainingRange) {
  const ProcessResult result = Run({"curve"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(
      result.output,
      AllOf(HasSubstr("small version 3, line 2: profit over spend\n"), HasSubstr("=== seen in training   | now, 100\n"),
            HasSubstr("spend  revenue  profit      ROI  next 1.00 brings\n"
                      "  100   200.00  100.00  100.0 %              1.00\n"
                      "  200   300.00  100.00   50.0 %              1.00  outside\n"),
            HasSubstr("most profit of these: 100.00 at spend 100, within training; now 100.00 at 100\n")));
}

// 9 of 12 points were printed, although output to a pipe is whole.
TEST_F(RowCommands, ACurveThatIsNoTerminalsIsWhole) {
  server_.on_curve = [](const v1::ResponseCurveRequest&, v1::ResponseCurveResponse* response) {
    v1::ResponseCurve& curve = *response->add_curves();
    for (int i = 1; i <= 12; ++i) {
      response->add_values(i + 1000);
      response->add_outside(false);
      curve.add_predictions(0.5f);
    }
    return grpc::Status::OK;
  };
  const ProcessResult result = Run({"curve", "--points", "12"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  for (int i = 1001; i <= 1012; ++i) EXPECT_THAT(result.output, HasSubstr(FormatNumber(i))) << i;
}

TEST_F(RowCommands, CurveOfAModelWithoutMoneyNamesTheFlag) {
  server_.on_curve = [](const v1::ResponseCurveRequest&, v1::ResponseCurveResponse*) {
    return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::NOT_AN_ROI, "it predicts probabilities");
  };
  const ProcessResult result = Run({"curve"});
  EXPECT_THAT(result.errors, HasSubstr("--without-money shows the prediction alone"));
}

TEST_F(RowCommands, CurveAsksForTheLineAndTheGridThatWereNamed) {
  v1::ResponseCurveRequest asked;
  const auto answer = server_.on_curve;
  server_.on_curve = [&](const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
    asked = request;
    return answer(request, response);
  };
  ASSERT_EQ(Run({"curve", "--line", "3", "--feature", "price", "--from", "1", "--to", "9", "--points", "5",
                 "--interval", "0.8", "--json"})
                .exit_code,
            0);
  EXPECT_EQ(asked.rows().matrix().values(0), 2.5f);
  EXPECT_EQ(asked.feature(), "price");
  EXPECT_EQ(asked.from(), 1);
  EXPECT_EQ(asked.to(), 9);
  EXPECT_EQ(asked.points(), 5);
  EXPECT_EQ(asked.interval_level(), 0.8);
  // SmallModel has seen spends of 0 to 1000.
  ASSERT_EQ(Run({"curve", "--line", "3"}).exit_code, 0);
  EXPECT_EQ(asked.from(), 0.25);
  EXPECT_EQ(asked.to(), 10);
  const ProcessResult line = Run({"curve", "--line", "9"});
  EXPECT_EQ(line.exit_code, 2);
  EXPECT_THAT(line.errors, HasSubstr("--line: expected a line of " + file_ + " with a row, 2 to 3, got \"9\""));
}

TEST_F(RowCommands, CurveTakesLiftTestsAndDrawsWhatTheySay) {
  v1::ResponseCurveRequest asked;
  const auto answer = server_.on_curve;
  server_.on_curve = [&](const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
    asked = request;
    const grpc::Status status = answer(request, response);
    v1::LiftCalibration& lift = *response->mutable_curves(0)->mutable_lift();
    lift.set_factor(0.5);
    for (const double revenue : {150.0, 200.0}) lift.add_revenue(revenue);
    for (const double profit : {50.0, 0.0}) lift.add_profit(profit);
    for (const double roi : {0.5, 0.0}) lift.add_roi(roi);
    for (const double marginal : {-0.5, -0.5}) lift.add_marginal_roi(marginal);
    return status;
  };
  const ProcessResult result = Run({"curve", "--lift-test", "100..500=62.5,9"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  ASSERT_EQ(asked.lift_tests_size(), 1);
  EXPECT_EQ(asked.lift_tests(0).spend().low(), 100);
  EXPECT_EQ(asked.lift_tests(0).spend().high(), 500);
  EXPECT_EQ(asked.lift_tests(0).incremental_revenue(), 62.5);
  EXPECT_EQ(asked.lift_tests(0).standard_error(), 9);
  // The chart was by the tests and the table by the model, --of marginal-roi was not by the tests, and the written
  // table had nothing of them.
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("line 2: profit by the lift tests over spend\n"), HasSubstr("   50 |"),
                    HasSubstr("spend  revenue  profit      ROI  profit by tests  next 1.00 by tests\n"
                              "  100   200.00  100.00  100.0 %            50.00                0.50\n"
                              "  200   300.00  100.00   50.0 %             0.00                0.50  outside\n"),
                    HasSubstr("revenue, profit and ROI are as predicted"),
                    HasSubstr("most profit of these, as predicted: 100.00 at spend 100, within training; now 100.00 at "
                              "100\nby the lift tests: 50.00 at spend 100, within training; now 50.00 at 100\n")));
  const ProcessResult marginal = Run({"curve", "--lift-test", "100..500=62.5,9", "--of", "marginal-roi"});
  EXPECT_THAT(marginal.output, AllOf(HasSubstr("line 2: marginal-roi by the lift tests over spend\n"),
                                     HasSubstr("ROI  next 1.00 by tests\n")));
  EXPECT_EQ(Run({"curve", "--lift-test", "100..500=62.5,9", "-o", "-"}).output,
            "spend;prediction;revenue;profit;marginal_roi;revenue_by_lift_tests;profit_by_lift_tests;"
            "marginal_roi_by_lift_tests;outside_training_range\n"
            "100;1;200;100;0;150;50;-0,5;0\n"
            "200;0,5;300;100;0;200;0;-0,5;1\n");
  const ProcessResult wrong = Run({"curve", "--lift-test", "100=5"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(
      wrong.errors,
      HasSubstr("--lift-test: expected [FEATURE=WORD:]LOW..HIGH=REVENUE,ERROR, such as 1000..5000=6200,900 or "));
}

TEST_F(RowCommands, CurveShowsADashWhereLiftTestsSayNothing) {
  const auto answer = server_.on_curve;
  server_.on_curve = [&](const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
    const grpc::Status status = answer(request, response);
    const double none = std::numeric_limits<double>::quiet_NaN();
    v1::LiftCalibration& lift = *response->mutable_curves(0)->mutable_lift();
    lift.set_lowest_spend(200);
    for (const double revenue : {none, 200.0}) lift.add_revenue(revenue);
    for (const double profit : {none, 0.0}) lift.add_profit(profit);
    for (const double roi : {none, 0.0}) lift.add_roi(roi);
    for (const double marginal : {none, none}) lift.add_marginal_roi(marginal);
    return status;
  };
  EXPECT_THAT(
      Run({"curve", "--lift-test", "200..500=62.5,9"}).output,
      AllOf(HasSubstr("spend  revenue  profit      ROI  profit by tests  next 1.00 by tests\n"
                      "  100   200.00  100.00  100.0 %  –                –\n"
                      "  200   300.00  100.00   50.0 %  0.00             –                   outside\n"),
            HasSubstr("by the lift tests: 0.00 at spend 200 (outside training: nothing is known there); below 200 they "
                      "say nothing\n")));
  EXPECT_EQ(Run({"curve", "--lift-test", "200..500=62.5,9", "-o", "-"}).output,
            "spend;prediction;revenue;profit;marginal_roi;revenue_by_lift_tests;profit_by_lift_tests;"
            "marginal_roi_by_lift_tests;outside_training_range\n"
            "100;1;200;100;0;;;;0\n"
            "200;0,5;300;100;0;200;0;;1\n");
}

// It was the spend times the revenue.
TEST_F(RowCommands, TodaysProfitOfAModelOfRevenueIsTheRevenueLessTheSpend) {
  server_.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    model->mutable_report()->mutable_target()->set_name("revenue");
    model->mutable_report()->mutable_target()->set_is_revenue(true);
    return grpc::Status::OK;
  };
  const auto answer = server_.on_curve;
  server_.on_curve = [&](const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
    const grpc::Status status = answer(request, response);
    response->mutable_curves(0)->set_present_prediction(250);
    return status;
  };
  EXPECT_THAT(Run({"curve"}).output, HasSubstr("; now 150.00 at 100\n"));
}

TEST_F(RowCommands, CurveSaysThatTheBestIsOutsideTraining) {
  const auto answer = server_.on_curve;
  server_.on_curve = [&](const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
    const grpc::Status status = answer(request, response);
    response->set_outside(0, true);
    return status;
  };
  EXPECT_THAT(Run({"curve"}).output,
              HasSubstr("most profit of these: 100.00 at spend 100 (outside training: nothing is known there); now"));
}

TEST_F(RowCommands, CurveBlamesTheFlag) {
  server_.on_curve = [&](const v1::ResponseCurveRequest&, v1::ResponseCurveResponse*) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                        "from: expected a value that the model takes for \"spend\" (> 0), got -5");
  };
  const ProcessResult result = Run({"curve", "--from", "-5"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--from: expected a value that the model takes for \"spend\" (> 0), got -5"));
}

// It was said to hold 90 % of the truths, as the others do.
TEST_F(RowCommands, TheBandOfAMarginalRoiIsNoIntervalOfItsLevel) {
  const auto curve = server_.on_curve;
  server_.on_curve = [&](const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
    const grpc::Status status = curve(request, response);
    response->set_interval_level(0.9);
    v1::ResponseCurve& one = *response->mutable_curves(0);
    for (v1::Band* band : {one.mutable_profit(), one.mutable_marginal_roi()}) {
      for (const double value : band->value()) {
        band->add_low(value - 1);
        band->add_high(value + 1);
      }
    }
    return status;
  };
  EXPECT_THAT(Run({"curve", "--of", "profit"}).output, HasSubstr("\n::: 90 % of the truths   "));
  EXPECT_THAT(Run({"curve", "--of", "marginal-roi"}).output,
              HasSubstr("\n::: slopes of the ends of what holds 90 % of the truths   "));
}

TEST_F(RowCommands, RankNamesARefusedCandidateByItsLine) {
  const auto answer = server_.on_rank;
  server_.on_rank = [&](const v1::RankRequest& request, v1::RankResponse* response) {
    const grpc::Status status = answer(request, response);
    response->set_rows_refused(1);
    response->set_first_refused("candidate 1: spend: expected a spend above 0, got none");
    return status;
  };
  EXPECT_THAT(Run({"rank"}).output,
              HasSubstr("1 could not be ranked: line 3: spend: expected a spend above 0, got none\n"));
}

TEST_F(RowCommands, CurveWritesATable) {
  EXPECT_EQ(Run({"curve", "-o", "-"}).output,
            "spend;prediction;revenue;profit;marginal_roi;outside_training_range\n"
            "100;1;200;100;0;0\n"
            "200;0,5;300;100;0;1\n");
}

TEST_F(RowCommands, RankShowsLinesAndWritesTheChosenRows) {
  v1::RankRequest asked;
  const auto answer = server_.on_rank;
  server_.on_rank = [&](const v1::RankRequest& request, v1::RankResponse* response) {
    asked = request;
    const grpc::Status status = answer(request, response);
    for (v1::RankedRow& row : *response->mutable_ranked()) row.set_score(20);
    return status;
  };
  const ProcessResult result = Run({"rank", "--top", "1", "--by", "profit", "--per-group", "3", "--group-column",
                                    "channel", "--lower-bound", "0.9", "-o", dir_.File("best.csv")});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(asked.count(), 1);
  EXPECT_EQ(asked.by(), v1::RANK_BY_PROFIT);
  EXPECT_EQ(asked.group_feature(), "channel");
  EXPECT_EQ(asked.per_group(), 3);
  EXPECT_EQ(asked.lower_bound_level(), 0.9);
  EXPECT_EQ(result.output,
            "small version 3: the best 1 of 2\n"
            "\n"
            "#  line  channel                         ROI   spend  profit  profit at least, 90 %\n"
            "1     3  a word not seen in training  50.0 %  100.00   50.00                  20.00\n");
  EXPECT_EQ(ReadFileOrEmpty(dir_.File("best.csv")),
            "spend;price;channel;start;rank;predicted_roi;predicted_profit\n2,5;;TikTok;;1;0,5;50\n");
  const ProcessResult group = Run({"rank", "--per-group", "3"});
  EXPECT_EQ(group.exit_code, 2);
  EXPECT_THAT(group.errors, HasSubstr("--per-group: of what? Name the column of the groups: --group-column COLUMN"));
}

// It was an error that said to send less at a time.
TEST_F(RowCommands, RankOfMoreThanTheServerTakesIsThatOfAllCandidates) {
  WriteFile(file_, "spend,channel\n5,search\n9,search\n8,search\n7,\n6,TikTok\n9,Meta\n0,search\n4,\n");
  int calls = 0;
  const auto by_spend = [](const v1::RankRequest& request, v1::RankResponse* response) {
    const v1::DenseMatrix& matrix = request.rows().matrix();
    const int width = matrix.values_size() / static_cast<int>(matrix.rows());
    const int channel = 2;
    std::vector<int> order;
    for (int row = 0; row < matrix.rows(); ++row) {
      if (matrix.values(row * width) > 0) {
        order.push_back(row);
      } else {
        response->set_rows_refused(response->rows_refused() + 1);
        response->set_first_refused("candidate " + std::to_string(row) + ": spend: expected a spend above 0, got 0");
      }
    }
    const auto spend = [&](int row) { return matrix.values(row * width); };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return spend(a) > spend(b); });
    std::map<int, int> taken;
    for (const int row : order) {
      const float code = matrix.values(row * width + channel);
      const int group = std::isnan(code) ? -2 : code < 2 ? static_cast<int>(code) : -1;
      if (request.per_group() > 0 && ++taken[group] > request.per_group()) continue;
      if (response->ranked_size() == request.count()) break;
      v1::RankedRow& ranked = *response->add_ranked();
      ranked.set_row(row);
      ranked.set_score(spend(row));
      ranked.set_spend(spend(row));
    }
    response->set_candidates(matrix.rows());
    return grpc::Status::OK;
  };
  server_.on_rank = by_spend;
  const std::vector<std::string> line = {"rank",    "--top", "5", "--per-group", "2", "--group-column",
                                         "channel", "-o",    "-"};
  const std::string at_once = Run(line).output;
  EXPECT_EQ(at_once,
            "spend,channel,rank,predicted_roi,predicted_profit\n9,search,1,0,0\n9,Meta,2,0,0\n8,search,3,0,0\n"
            "7,,4,0,0\n6,TikTok,5,0,0\n");
  server_.on_rank = [&](const v1::RankRequest& request, v1::RankResponse* response) {
    if (request.rows().matrix().rows() > 3) {
      return FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, v1::REQUEST_TOO_LARGE, "rows: expected at most 3",
                               {{"limit", "3"}});
    }
    ++calls;
    return by_spend(request, response);
  };
  EXPECT_EQ(Run(line).output, at_once);
  EXPECT_EQ(calls, 3);  // what is chosen is more than a call takes: nothing is asked of it
  const ProcessResult text = Run({"rank", "--top", "5", "--per-group", "2", "--group-column", "channel"});
  EXPECT_THAT(text.output, AllOf(HasSubstr("the best 5 of 8\n"), HasSubstr("1 could not be ranked: line 8: spend: "),
                                 HasSubstr("too many in their group are not counted of so many candidates\n")));
  EXPECT_TRUE(nlohmann::json::parse(Run({"rank", "--json"}).output)["over_group_limit"].is_null());
}

// The note was that of the first part that had one, whatever was chosen of it.
TEST_F(RowCommands, RankInPartsNotesWhatIsAlikeAmongTheChosen) {
  server_.on_rank = [&](const v1::RankRequest& request, v1::RankResponse* response) {
    const v1::DenseMatrix& matrix = request.rows().matrix();
    if (matrix.rows() > 3) {
      return FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, v1::REQUEST_TOO_LARGE, "rows: expected at most 3",
                               {{"limit", "3"}});
    }
    const int width = matrix.values_size() / static_cast<int>(matrix.rows());
    std::vector<float> spends;
    std::multimap<float, int, std::greater<>> order;
    for (int row = 0; row < matrix.rows(); ++row) order.emplace(matrix.values(row * width), row);
    for (const auto& [spend, row] : order) {
      if (response->ranked_size() == request.count()) break;
      v1::RankedRow& ranked = *response->add_ranked();
      ranked.set_row(row);
      ranked.set_score(spend);
      spends.push_back(spend);
    }
    response->set_candidates(matrix.rows());
    const auto twice = std::adjacent_find(spends.begin(), spends.end());
    for (const bool alike : {false, true}) {
      if (alike && twice == spends.end()) continue;
      v1::Caveat& note = *response->add_caveats();
      note.set_code(alike ? "alike_campaigns" : "no_lift_test");
      note.set_message(alike ? "two of spend " + std::to_string(static_cast<int>(*twice)) : "not confirmed");
    }
    return grpc::Status::OK;
  };
  const auto notes = [&](const std::string& spends) {
    WriteFile(file_, "spend\n" + spends);
    std::vector<std::string> messages;
    const auto json = nlohmann::json::parse(Run({"rank", "--top", "2", "--json"}).output);
    for (const auto& note : json["caveats"]) messages.push_back(note["message"]);
    return messages;
  };
  EXPECT_THAT(notes("1\n1\n0.5\n8\n9\n"), ElementsAre("not confirmed"));
  EXPECT_THAT(notes("1\n1\n9\n8\n9\n"), ElementsAre("not confirmed", "two of spend 9"));
}

TEST_F(RowCommands, RankLeavesOutRowsThatCannotBeRead) {
  WriteFile(file_, "spend\n1\nmuch\n3\n");
  const ProcessResult result = Run({"rank"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("line 3: column 1 \"spend\": expected a number, got \"much\"; left out\n"));
  EXPECT_THAT(result.output, HasSubstr("the best 2 of 2"));
}

TEST_F(RowCommands, AColumnThatIsThereAlreadyIsNotWrittenTwice) {
  WriteFile(file_, "spend,rank\n1,2\n");
  const ProcessResult result = Run({"rank", "-o", dir_.File("best.csv")});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, HasSubstr("header: the file already has a column \"rank\"; rename it first"));
}

}  // namespace
}  // namespace roicast::client
