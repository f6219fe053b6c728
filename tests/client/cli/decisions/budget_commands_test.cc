// optimize and plan, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/client/cli/decisions/decision_commands.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::ReadFileOrEmpty;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::WriteFile;

class BudgetCommands : public testing::DecisionCommands {
 protected:
  BudgetCommands()
      : DecisionCommands(
            "name,spend,channel,least,fixed,week1\nspring,100,search,50,,10\nsummer,300,social,,250.5,20\n") {
    const auto optimize = server_.on_optimize;
    server_.on_optimize = [this, optimize](const v1::OptimizeBudgetRequest& request,
                                           v1::OptimizeBudgetResponse* response) {
      optimize_ = request;
      return optimize(request, response);
    };
    const auto plan = server_.on_plan;
    server_.on_plan = [this, plan](const v1::PlanBudgetRequest& request, v1::PlanBudgetResponse* response) {
      plan_ = request;
      return plan(request, response);
    };
  }

  v1::OptimizeBudgetRequest optimize_;
  v1::PlanBudgetRequest plan_;
};

TEST_F(BudgetCommands, FlagsAndColumnsBecomeTheProblem) {
  const ProcessResult result = Run({"optimize",
                                    "--budget",
                                    "400",
                                    "--min",
                                    "10",
                                    "--max",
                                    "350",
                                    "--step",
                                    "5",
                                    "--spend-all",
                                    "--may-skip",
                                    "--unit",
                                    "0.5",
                                    "--lower-bound",
                                    "0.8",
                                    "--interval",
                                    "0.7",
                                    "--name-column",
                                    "name",
                                    "--group-column",
                                    "channel",
                                    "--group",
                                    "social=20..300",
                                    "--min-column",
                                    "least",
                                    "--locked-column",
                                    "fixed"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(optimize_.model().name(), "small");
  EXPECT_EQ(optimize_.model().version(), 3);
  const v1::BudgetProblem& problem = optimize_.problem();
  EXPECT_EQ(problem.rows().matrix().rows(), 2);
  EXPECT_EQ(problem.rows().matrix().values(4), 300);
  EXPECT_EQ(problem.budget(), 400);
  EXPECT_EQ(problem.min_spend(), 10);
  EXPECT_EQ(problem.max_spend(), 350);
  EXPECT_EQ(problem.step(), 5);
  EXPECT_TRUE(problem.spend_all());
  EXPECT_TRUE(problem.may_skip());
  EXPECT_EQ(problem.unit(), 0.5);
  EXPECT_EQ(problem.lower_bound_level(), 0.8);
  EXPECT_EQ(problem.interval_level(), 0.7);
  EXPECT_EQ(problem.goal(), v1::BUDGET_GOAL_MOST_PROFIT);
  ASSERT_EQ(problem.campaigns_size(), 2);
  EXPECT_EQ(problem.campaigns(0).name(), "spring");
  EXPECT_EQ(problem.campaigns(0).min_spend(), 50);
  EXPECT_FALSE(problem.campaigns(0).has_locked_spend());
  EXPECT_FALSE(problem.campaigns(1).has_min_spend());
  EXPECT_EQ(problem.campaigns(1).locked_spend(), 250.5);
  EXPECT_EQ(problem.campaigns(1).group(), "social");
  ASSERT_EQ(problem.groups_size(), 2);
  EXPECT_EQ(problem.groups(0).name(), "social");
  EXPECT_EQ(problem.groups(0).min_spend(), 20);
  EXPECT_EQ(problem.groups(0).max_spend(), 300);
  EXPECT_EQ(problem.groups(1).name(), "search");
  EXPECT_FALSE(problem.groups(1).has_max_spend());
}

TEST_F(BudgetCommands, BarsShowTodaysSpendBesideTheOptimum) {
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse* response) {
    const auto add = [](v1::Split* split, double spring, double summer) {
      for (const auto& [name, spend] : {std::pair{"spring", spring}, std::pair{"summer", summer}}) {
        v1::Allocation& one = *split->add_campaigns();
        one.set_name(name);
        one.set_spend(spend);
      }
    };
    add(response->mutable_present(), 100, 300);
    add(response->mutable_optimum(), 400, 1);
    return grpc::Status::OK;
  };
  const auto bars = [](const char* name, const char* split, const std::string& bar) {
    return absl::StrFormat("%-8s%-9s%s\n", name, split, bar);
  };
  EXPECT_THAT(Run({"optimize", "--budget", "400"}).output,
              HasSubstr(bars("spring", "now", std::string(10, '-')) + bars("", "optimum", std::string(40, '#')) +
                        bars("summer", "now", std::string(30, '-')) + bars("", "optimum", "#")));
  EXPECT_THAT(Run({"plan", "--budget", "400", "--periods", "2", "--start", "2025-03-03"}).output,
              HasSubstr("planned  " + std::string(40, '#') + "\n"));
}

TEST_F(BudgetCommands, LiftTestsAreSentAndWhatTheySayIsShown) {
  server_.on_optimize = [this](const v1::OptimizeBudgetRequest& request, v1::OptimizeBudgetResponse* response) {
    optimize_ = request;
    for (const double spend : {100.0, 300.0}) {
      v1::Allocation& one = *response->mutable_optimum()->add_campaigns();
      one.set_name(spend == 100 ? "line 2" : "line 3");
      one.set_spend(spend);
      one.set_roi(0.5);
      one.set_profit(spend / 2);
      one.set_marginal_roi(0.25);
      if (spend == 100) one.set_lifted_profit(-20);
    }
    v1::Outcome& outcome = *response->mutable_optimum()->mutable_outcome();
    outcome.set_spend(400);
    outcome.set_revenue(600);
    outcome.set_profit(200);
    outcome.set_roi(0.5);
    outcome.set_promised_profit(130);
    outcome.set_promised_roi(0.325);
    outcome.set_lifted(true);
    return grpc::Status::OK;
  };
  const ProcessResult result = Run({"optimize", "--budget", "400", "--lift-test", "channel=a:b:10..50=62.5,9",
                                    "--lift-test", "1..5=6,2", "-o", dir_.File("split.csv")});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  ASSERT_EQ(optimize_.problem().lift_tests_size(), 2);
  const v1::LiftTest& test = optimize_.problem().lift_tests(0);
  EXPECT_EQ(test.feature(), "channel");
  EXPECT_EQ(test.word(), "a:b");
  EXPECT_EQ(test.spend().low(), 10);
  EXPECT_EQ(test.spend().high(), 50);
  EXPECT_EQ(test.incremental_revenue(), 62.5);
  EXPECT_EQ(test.standard_error(), 9);
  EXPECT_EQ(optimize_.problem().lift_tests(1).feature(), "");
  EXPECT_THAT(result.output, AllOf(HasSubstr("campaign   spend     ROI  profit  by tests  next 1.00 brings\n"
                                             "line 2    100.00  50.0 %   50.00    -20.00              1.25\n"
                                             "line 3    300.00  50.0 %  150.00                        1.25\n"),
                                   HasSubstr("ROI  to plan with"), HasSubstr("50.0 %        130.00")));
  EXPECT_THAT(ReadFileOrEmpty(dir_.File("split.csv")), HasSubstr(",marginal_roi,profit_by_lift_tests\n"));

  const ProcessResult wrong = Run({"optimize", "--budget", "400", "--lift-test", "=search:1..5=6,2"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("--lift-test: expected [FEATURE=WORD:]LOW..HIGH=REVENUE,ERROR, such as"));
  const ProcessResult range = Run({"optimize", "--budget", "400", "--lift-test", "5..1=6,2"});
  EXPECT_EQ(range.exit_code, 2);
  EXPECT_THAT(range.errors, HasSubstr("--lift-test: expected 0 ≤ LOW < HIGH, got \"5..1=6,2\""));
  const ProcessResult error = Run({"plan", "--budget", "400", "--lift-test", "1..5=6,0"});
  EXPECT_EQ(error.exit_code, 2);
  EXPECT_THAT(error.errors, HasSubstr("--lift-test: expected an ERROR above 0, got \"1..5=6,0\""));
}

// It named a field of the request, and ended with 5.
TEST_F(BudgetCommands, WhatTheServerRefusesOfAFlagIsAUsageErrorOfIt) {
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse*) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                        "problem.lift_tests[1].word: expected a word that \"channel\" had in training, got \"radio\"");
  };
  const ProcessResult result =
      Run({"optimize", "--budget", "400", "--lift-test", "1..5=6,2", "--lift-test", "channel=radio:1..5=6,2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--lift-test channel=radio:1..5=6,2: word: expected a word that \"channel\" had "
                                       "in training, got \"radio\"\n"));
}

// It told to name it by spend_feature, which is no flag.
TEST_F(BudgetCommands, WhatTheModelLacksIsSaidWithTheFlag) {
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse*) {
    return grpc::Status(
        grpc::StatusCode::FAILED_PRECONDITION,
        "spend_feature: expected a model with a feature that holds the spend; name it by spend_feature");
  };
  const ProcessResult result = Run({"optimize", "--budget", "400"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors,
              HasSubstr("roicast: --spend: expected a model with a feature that holds the spend; name it "
                        "by --spend\n"));
}

// 9.3e18 and more became the least whole number.
TEST_F(BudgetCommands, MoneyBeyondWholeNumbersKeepsItsSize) {
  const auto on_optimize = server_.on_optimize;
  server_.on_optimize = [on_optimize](const v1::OptimizeBudgetRequest& request, v1::OptimizeBudgetResponse* response) {
    const grpc::Status status = on_optimize(request, response);
    response->mutable_optimum()->mutable_outcome()->set_revenue(2.5e30);
    response->mutable_optimum()->mutable_outcome()->set_profit(-std::numeric_limits<double>::infinity());
    return status;
  };
  EXPECT_THAT(Run({"optimize", "--budget", "400"}).output, HasSubstr("  2.5e+30  -inf    "));
}

TEST_F(BudgetCommands, ATooLargeProblemSaysWhatMakesItSmaller) {
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse*) {
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                        "line 2: step: expected at most 9 amounts in all, got more");
  };
  const ProcessResult result = Run({"optimize", "--budget", "400", "--step", "0.01"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("step: expected at most 9 amounts in all"),
                                   HasSubstr("fewer campaigns or --periods, larger steps or a smaller --max")));
  EXPECT_THAT(result.errors, ::testing::Not(HasSubstr("retry later")));
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse*) {
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "problem.rows: limit 10000, got 20000");
  };
  EXPECT_THAT(Run({"optimize", "--budget", "400"}).errors, HasSubstr("roicast rank chooses the best of more"));
}

TEST_F(BudgetCommands, TheTableItselfIsNoOutput) {
  const std::string before = ReadFileOrEmpty(file_);
  for (const char* command : {"optimize", "plan", "curve", "rank", "explain"}) {
    std::vector<std::string> arguments = {command, "--output", dir_.path() + "/./campaigns.csv"};
    if (command[0] == 'o' || command[0] == 'p') arguments.insert(arguments.end(), {"--budget", "400"});
    const ProcessResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << command;
    EXPECT_THAT(result.errors, HasSubstr("this is the table that is read, which would be lost; name another file"));
  }
  EXPECT_EQ(ReadFileOrEmpty(file_), before);
}

TEST_F(BudgetCommands, HelpNamesTheDefaultOfTheMinimum) {
  EXPECT_THAT(RunWithoutTable({"optimize", "--help"}).output, HasSubstr("default: nothing, or at least the lowest"));
}

TEST_F(BudgetCommands, ASplitIsATableAComparisonAndNotes) {
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse* response) {
    const auto fill = [](double first, double second, double promised, v1::Split* split) {
      for (const double spend : {first, second}) {
        v1::Allocation& one = *split->add_campaigns();
        one.set_name(spend == first ? "line 2" : "line 3");
        one.set_spend(spend);
        one.set_roi(0.5);
        one.set_profit(spend / 2);
        one.set_marginal_roi(0.25);
      }
      v1::Outcome& outcome = *split->mutable_outcome();
      outcome.set_spend(first + second);
      outcome.set_revenue(1.5 * (first + second));
      outcome.set_profit(0.5 * (first + second));
      outcome.set_roi(0.5);
      outcome.set_promised_profit(promised);
      outcome.set_promised_roi(promised / (first + second));
      outcome.set_corrected(true);
      outcome.mutable_profit_interval()->set_low(-50);
      outcome.mutable_profit_interval()->set_high(350);
      split->set_allowed(true);
    };
    fill(100, 300, 200, response->mutable_present());
    response->mutable_present()->set_allowed(false);
    fill(350, 50, 180, response->mutable_optimum());
    response->set_interval_level(0.9);
    response->set_left(12.5);
    response->set_left_because("more of it loses profit");
    response->set_shadow_price(0.25);
    response->add_caveats()->set_message("no experiment confirms this");
    return grpc::Status::OK;
  };
  const ProcessResult result = Run({"optimize", "--budget", "412.5"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "small version 3\n"
            "\n"
            "campaign     now   spend  change      ROI  profit  next 1.00 brings\n"
            "line 2    100.00  350.00  +250.00  50.0 %  175.00              1.25\n"
            "line 3    300.00   50.00  -250.00  50.0 %   25.00              1.25\n"
            "\n"
            "                 spend\n"
            "line 2  now      -----------\n"
            "        optimum  ########################################\n"
            "line 3  now      ----------------------------------\n"
            "        optimum  ######\n"
            "\n"
            "split     spend  revenue  profit     ROI  to plan with  to plan with, 90 %\n"
            "now      400.00   600.00  200.00  50.0 %        200.00    -50.00 to 350.00  breaks a limit\n"
            "optimum  400.00   600.00  200.00  50.0 %        180.00    -50.00 to 350.00\n"
            "\n"
            "left: 12.50, because more of it loses profit\n"
            "\n"
            "another 1.00 of budget would add 0.25 to the profit\n"
            "\n"
            "note: no experiment confirms this\n");
}

// It said of the next step's average that another 1.00 would add as much.
TEST_F(BudgetCommands, ThePriceOfStepsIsAnAverage) {
  const auto on_optimize = server_.on_optimize;
  server_.on_optimize = [on_optimize](const v1::OptimizeBudgetRequest& request, v1::OptimizeBudgetResponse* response) {
    const grpc::Status status = on_optimize(request, response);
    response->set_shadow_price(0.25);
    return status;
  };
  const std::string file = dir_.File("steps.csv");
  WriteFile(file, "name,spend,channel,each\nspring,100,search,\nsummer,300,social,50\n");
  const char kAverage[] =
      "another 1.00 of budget would add 0.25 to the profit, on average from what is spent to the "
      "next step that helps\n";
  EXPECT_THAT(Run({"optimize", "--budget", "400", "--step", "50"}).output, HasSubstr(kAverage));
  EXPECT_THAT(
      testing::Roicast({"optimize", file, "--budget", "400", "--step-column", "each", "--server", server_.target()})
          .output,
      HasSubstr(kAverage));
  EXPECT_THAT(Run({"optimize", "--budget", "400"}).output,
              HasSubstr("another 1.00 of budget would add 0.25 to the profit\n"));
}

// It was called one of the profit, of which it is not.
TEST_F(BudgetCommands, ThePriceSaysOfWhichProfitItIs) {
  EXPECT_THAT(Run({"optimize", "--budget", "400", "--lower-bound", "0.8"}).output,
              HasSubstr("another 1.00 of budget would add 0.25 to the profit that each campaign brings at least with a "
                        "probability of 80 %, not to the expected one\n"));
  EXPECT_THAT(Run({"optimize", "--goal", "least-budget", "--goal-value", "9", "--lower-bound", "0.8"}).output,
              HasSubstr("another 1.00 of revenue that each campaign brings at least with a probability of 80 % would "
                        "cost 0.25\n"));
  const auto on_optimize = server_.on_optimize;
  server_.on_optimize = [on_optimize](const v1::OptimizeBudgetRequest& request, v1::OptimizeBudgetResponse* response) {
    const grpc::Status status = on_optimize(request, response);
    response->mutable_optimum()->mutable_outcome()->set_lifted(true);
    return status;
  };
  EXPECT_THAT(Run({"optimize", "--budget", "400", "--lift-test", "1..5=6,2"}).output,
              HasSubstr("another 1.00 of budget would add 0.25 to the profit by the lift tests\n"));
}

// They were listed as not used.
TEST_F(BudgetCommands, ColumnsThatFlagsNameAreUsed) {
  const ProcessResult result = Run({"optimize", "--budget", "400", "--name-column", "name", "--min-column", "least"});
  EXPECT_THAT(result.errors, HasSubstr("not used: fixed, week1\n"));
  EXPECT_THAT(
      Run({"plan", "--budget", "400", "--periods", "2", "--start", "2025-03-03", "--spent-columns", "week1"}).errors,
      HasSubstr("not used: name, least, fixed\n"));
}

TEST_F(BudgetCommands, TheSplitIsWrittenBesideTheRows) {
  ASSERT_EQ(Run({"optimize", "--budget", "400", "--output", dir_.File("out.csv")}).exit_code, 0);
  EXPECT_EQ(ReadFileOrEmpty(dir_.File("out.csv")),
            "name,spend,channel,least,fixed,week1,planned_spend,predicted_roi,predicted_revenue,predicted_profit,"
            "marginal_roi\n"
            "spring,100,search,50,,10,200,0.5,300,100,0.25\n"
            "summer,300,social,,250.5,20,200,0.5,300,100,0.25\n");
  const ProcessResult piped = Run({"optimize", "--budget", "400", "--output", "-"});
  EXPECT_EQ(piped.output, ReadFileOrEmpty(dir_.File("out.csv")));
}

TEST_F(BudgetCommands, WhatMovesWithTheSpendIsWrittenBesideTheSplit) {
  const auto optimize = server_.on_optimize;
  server_.on_optimize = [&](const v1::OptimizeBudgetRequest& request, v1::OptimizeBudgetResponse* response) {
    const grpc::Status status = optimize(request, response);
    for (const char* name : {"Clicks", "Cost per click"}) response->add_moving()->set_feature(name);
    v1::Allocation& first = *response->mutable_optimum()->mutable_campaigns(0);
    for (const float moved : {1234.5f, 0.25f}) first.add_moved(moved);
    // Of a campaign that gets nothing, nothing moved.
    response->mutable_optimum()->mutable_campaigns(1)->set_spend(0);
    return status;
  };
  ASSERT_EQ(Run({"optimize", "--budget", "400", "--output", dir_.File("out.csv")}).exit_code, 0);
  EXPECT_EQ(ReadFileOrEmpty(dir_.File("out.csv")),
            "name,spend,channel,least,fixed,week1,planned_spend,predicted_roi,predicted_revenue,predicted_profit,"
            "marginal_roi,moved_Clicks,moved_Cost per click\n"
            "spring,100,search,50,,10,200,0.5,300,100,0.25,1234.5,0.25\n"
            "summer,300,social,,250.5,20,0,0.5,300,100,0.25,,\n");
}

TEST_F(BudgetCommands, ConflictsAreSaidAndEndWith5) {
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse* response) {
    v1::Conflict& conflict = *response->add_conflicts();
    conflict.set_by(100);
    conflict.set_message("the campaigns need at least 500, 100 more than the budget");
    return grpc::Status::OK;
  };
  const ProcessResult text = Run({"optimize", "--budget", "400", "--output", dir_.File("none.csv")});
  EXPECT_EQ(text.exit_code, 5);
  EXPECT_THAT(text.output, HasSubstr("no split can meet this:\n"
                                     "  the campaigns need at least 500, 100 more than the budget\n"));
  EXPECT_EQ(ReadFileOrEmpty(dir_.File("none.csv")), "");
  const ProcessResult json = Run({"optimize", "--budget", "400", "--json"});
  EXPECT_EQ(json.exit_code, 5);
  EXPECT_EQ(nlohmann::json::parse(json.output)["conflicts"][0]["by"], 100);
}

TEST_F(BudgetCommands, WrongFlagsAreUsageErrorsBeforeTheServerIsAsked) {
  const auto error = [this](const std::vector<std::string>& arguments) {
    std::vector<std::string> line = {"optimize", file_};
    line.insert(line.end(), arguments.begin(), arguments.end());
    line.insert(line.end(), {"--server", "127.0.0.1:1"});
    const ProcessResult result = testing::Roicast(line);
    EXPECT_EQ(result.exit_code, 2) << result.errors;
    return result.errors;
  };
  EXPECT_THAT(error({}), HasSubstr("--goal profit needs the money to spend: --budget MONEY"));
  EXPECT_THAT(error({"--goal", "target-roi"}), HasSubstr("--goal target-roi needs a value: --goal-value NUMBER"));
  EXPECT_THAT(error({"--budget", "5", "--goal-value", "3"}), HasSubstr("--goal-value is for the goals"));
  EXPECT_THAT(error({"--budget", "5", "--min", "4", "--max", "3"}), HasSubstr("--min 4 is above --max 3"));
  EXPECT_THAT(error({"--budget", "-5"}), HasSubstr("--budget: expected "));
  EXPECT_THAT(error({"--goal", "profits"}), HasSubstr("did you mean \"profit\""));
  EXPECT_THAT(error({"--budget", "5", "--group", "social=1..2"}), HasSubstr("--group-column COLUMN"));
}

TEST_F(BudgetCommands, WrongCellsAndColumnsAreNamed) {
  const ProcessResult column = Run({"optimize", "--budget", "5", "--min-column", "lest"});
  EXPECT_EQ(column.exit_code, 2);
  EXPECT_THAT(column.errors, AllOf(HasSubstr("--min-column lest"), HasSubstr("did you mean \"least\"")));
  const ProcessResult group = Run({"optimize", "--budget", "5", "--group-column", "channel", "--group", "socal=1..2"});
  EXPECT_EQ(group.exit_code, 2);
  EXPECT_THAT(group.errors, HasSubstr("no campaign is in a group \"socal\"; did you mean \"social\"?"));
  const ProcessResult bounds =
      Run({"optimize", "--budget", "5", "--group-column", "channel", "--group", "social=much"});
  EXPECT_THAT(bounds.errors,
              HasSubstr("--group: expected NAME=MIN..MAX, such as social=1000..20000, got \"social=much\""));
  WriteFile(file_, "spend,least\n100,3\n200,much\n");
  const ProcessResult cell = Run({"optimize", "--budget", "5", "--min-column", "least"});
  EXPECT_EQ(cell.exit_code, 5);
  EXPECT_THAT(cell.errors, HasSubstr(file_ + ": line 3: \"least\": expected a number, got \"much\""));
  WriteFile(file_, "spend\n100\nmuch\n");
  const ProcessResult spend = Run({"optimize", "--budget", "5"});
  EXPECT_EQ(spend.exit_code, 5);
  EXPECT_THAT(spend.errors, HasSubstr(file_ + ": line 3: column 1 \"spend\": expected a number, got \"much\""));
}

TEST_F(BudgetCommands, TheServersRowBecomesALineOfTheFile) {
  server_.on_optimize = [](const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse*) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "problem.rows: row 1: price: expected > 0, got -1");
  };
  const ProcessResult result = Run({"optimize", "--budget", "5"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, HasSubstr(file_ + ": line 3: price: expected > 0, got -1"));
}

TEST_F(BudgetCommands, PlanWithoutPeriodsIsOptimize) {
  const ProcessResult plan = Run({"plan", "--budget", "400", "--min", "10", "--max", "350"});
  ASSERT_EQ(plan.exit_code, 0) << plan.errors;
  EXPECT_EQ(optimize_.problem().max_spend(), 350);
  EXPECT_EQ(plan.output, Run({"optimize", "--budget", "400", "--min", "10", "--max", "350"}).output);
  const ProcessResult start = Run({"plan", "--budget", "400", "--start", "2025-03-03"});
  EXPECT_EQ(start.exit_code, 2);
  EXPECT_THAT(start.errors, HasSubstr("--start is for a plan over periods: say how many with --periods N"));
}

TEST_F(BudgetCommands, APlanOverPeriodsHasStartsLimitsAndWhatIf) {
  const ProcessResult result =
      Run({"plan", "--budget", "400", "--periods", "4", "--every", "week", "--start", "2025-03-03", "--period-limit",
           "2=10..200", "--spent-columns", "week1", "--what-if", "2=300"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(plan_.periods(), 4);
  EXPECT_EQ(plan_.unit(), v1::PERIOD_UNIT_WEEK);
  EXPECT_EQ(plan_.start().seconds(), 1740960000);
  ASSERT_EQ(plan_.period_bounds_size(), 2);
  EXPECT_EQ(plan_.period_bounds(0).period(), 0);
  EXPECT_EQ(plan_.period_bounds(0).spent(1), 20);
  EXPECT_EQ(plan_.period_bounds(1).period(), 1);
  EXPECT_EQ(plan_.period_bounds(1).min_spend(), 10);
  EXPECT_EQ(plan_.period_bounds(1).max_spend(), 200);
  ASSERT_EQ(plan_.changes_size(), 1);
  EXPECT_EQ(plan_.changes(0).after_periods(), 2);
  EXPECT_EQ(plan_.changes(0).budget(), 300);
  EXPECT_THAT(result.output, HasSubstr("period  starts      line 2  line 3   spend  so far  profit\n"
                                       "     1  2025-03-03   50.00   50.00  100.00  100.00   50.00\n"));
  EXPECT_THAT(result.output, HasSubstr("if the budget becomes 300.00 after period 2:\n"));
  EXPECT_THAT(result.output, ::testing::Not(HasSubstr("breaks a limit")));
  const auto plan = server_.on_plan;
  server_.on_plan = [plan](const v1::PlanBudgetRequest& request, v1::PlanBudgetResponse* response) {
    const grpc::Status status = plan(request, response);
    response->mutable_plan()->set_even_breaks_limit(true);
    return status;
  };
  EXPECT_THAT(Run({"plan", "--budget", "400", "--periods", "2", "--start", "2025-03-03"}).output,
              ::testing::ContainsRegex("\neven .* breaks a limit\nplan "));
}

TEST_F(BudgetCommands, APlanOverPeriodsTakesGroupsBesideLimitsOfPeriods) {
  const ProcessResult result =
      Run({"plan", "--budget", "400", "--periods", "4", "--start", "2025-03-03", "--group-column", "channel", "--group",
           "social=20..300", "--period-limit", "2=10..200"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  ASSERT_EQ(plan_.problem().groups_size(), 2);
  EXPECT_EQ(plan_.problem().groups(0).max_spend(), 300);
  ASSERT_EQ(plan_.period_bounds_size(), 1);
  EXPECT_EQ(plan_.period_bounds(0).max_spend(), 200);
}

TEST_F(BudgetCommands, APlanIsWrittenAsARowPerCampaignAndPeriod) {
  ASSERT_EQ(
      Run({"plan", "--budget", "400", "--periods", "2", "--start", "2025-03-03", "-o", dir_.File("out.csv")}).exit_code,
      0);
  EXPECT_THAT(ReadFileOrEmpty(dir_.File("out.csv")),
              AllOf(HasSubstr("week1,period,period_start,planned_spend,predicted_roi,"),
                    HasSubstr("spring,100,search,50,,10,1,2025-03-03,100,0.5,150,50,0.25\n"),
                    HasSubstr("summer,300,social,,250.5,20,2,2025-03-10,100,0.5,150,50,0.25\n")));
}

TEST_F(BudgetCommands, WrongPeriodsAreUsageErrors) {
  const auto error = [this](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"plan", "--budget", "400", "--periods", "3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.errors;
    return result.errors;
  };
  EXPECT_THAT(error({}), HasSubstr("when does the first period start?"));
  EXPECT_THAT(error({"--start", "soon"}), HasSubstr("--start: expected a date such as 2025-03-01, got \"soon\""));
  EXPECT_THAT(error({"--start", "2025-03-03", "--period-limit", "4=1..2"}),
              HasSubstr("--period-limit: expected PERIOD=MIN..MAX with a period from 1 to 3, got \"4=1..2\""));
  EXPECT_THAT(error({"--start", "2025-03-03", "--what-if", "3=1"}),
              HasSubstr("--what-if: expected PERIODS=BUDGET with 1 to 2 periods and a budget > 0, got \"3=1\""));
  EXPECT_THAT(error({"--start", "2025-03-03", "--spent-columns", "week1,least", "--what-if", "1=9"}),
              HasSubstr("--what-if: expected PERIODS=BUDGET with 2 to 2 periods"));
  EXPECT_THAT(
      error({"--start", "2025-03-03", "--goal", "least-budget", "--goal-value", "9"}),
      HasSubstr("--goal least-budget is for one split: with --periods, a budget is spent for --goal profit or"));
}

}  // namespace
}  // namespace roicast::client
