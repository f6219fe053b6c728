// What commands about decisions say of a table and a model before they answer, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/decisions/decision_commands.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using ::testing::HasSubstr;

class FindingsCommands : public testing::DecisionCommands {
 protected:
  FindingsCommands() : DecisionCommands("name,spend,channel\nspring,100,search\nsummer,300,social\n") {}
};

// "Social" was planned for as an unknown channel, without a word.
TEST_F(FindingsCommands, WordsThatWereNotLearntAndUnusualCellsAreNamed) {
  testing::WriteFile(file_,
                     "name,spend,price,channel\nspring,100,5,Search\nsummer,300,,social\nautumn,200,500,social\n");
  const std::vector<std::vector<std::string>> commands = {
      {"optimize", "--budget", "400"},
      {"plan", "--budget", "400", "--periods", "2", "--start", "2025-03-03"},
      {"explain"},
      {"curve"},
      {"rank"}};
  for (const std::vector<std::string>& command : commands) {
    const ProcessResult result = Run(command);
    EXPECT_THAT(result.errors, HasSubstr("not learnt in training: channel \"Search\" (1 row, line 2; did you mean "
                                         "\"search\"?)"))
        << command[0];
    EXPECT_THAT(result.errors, HasSubstr("no value: price (1 row, line 3); a typical one is used")) << command[0];
    EXPECT_THAT(result.errors, HasSubstr("outside training: price (1 row, line 4); training saw 0 to 100"))
        << command[0];
    std::vector<std::string> with_json = command;
    with_json.push_back("--json");
    const auto json = nlohmann::json::parse(Run(with_json).output, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << command[0];
    EXPECT_EQ(json["unseen_words"][0]["nearest"], "search") << command[0];
    EXPECT_EQ(json["changed_constants"].size(), 0u) << command[0];
    EXPECT_EQ(json["outside_training"][0]["feature"], "price") << command[0];
    EXPECT_EQ(json["outside_training"][0]["rows"], 1) << command[0];
  }
}

// Today's spend was shown as 0.00, and all rows were predicted at a typical one.
TEST_F(FindingsCommands, CommandsAboutMoneyNeedTheSpend) {
  testing::WriteFile(file_, "name,Cost,price,channel\nspring,100,5,search\n");
  const std::vector<std::vector<std::string>> commands = {
      {"optimize", "--budget", "400"},
      {"plan", "--budget", "400", "--periods", "2", "--start", "2025-03-03"},
      {"curve"},
      {"rank", "--by", "profit"}};
  for (const std::vector<std::string>& command : commands) {
    const ProcessResult result = Run(command);
    EXPECT_EQ(result.exit_code, 5) << command[0];
    EXPECT_THAT(result.errors, HasSubstr("no column for \"spend\" (did you mean \"Cost\"?), which is the spend"))
        << command[0];
    EXPECT_THAT(result.errors, HasSubstr("name the column \"spend\", as in training")) << command[0];
  }
  EXPECT_EQ(Run({"rank", "--by", "roi"}).exit_code, 0);
  EXPECT_EQ(Run({"optimize", "--budget", "400", "--present-column", "Cost"}).exit_code, 0);
}

// A date was asked for before the model was looked at.
TEST_F(FindingsCommands, APlanOfProbabilitiesIsRefusedBeforeADateIsAskedFor) {
  server_.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    model->mutable_report()->mutable_target()->set_name("churn");
    model->mutable_report()->mutable_target()->set_positive_value("yes");
    return grpc::Status::OK;
  };
  server_.on_plan = [](const v1::PlanBudgetRequest&, v1::PlanBudgetResponse*) {
    return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::NOT_AN_ROI, "it predicts probabilities");
  };
  const ProcessResult result = Run({"plan", "--budget", "400", "--periods", "2"});
  EXPECT_THAT(result.errors, HasSubstr("it predicts probabilities"));
}

}  // namespace
}  // namespace roicast::client
