// score, against a fake server.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using ::testing::AllOf;
using testing::FilesIn;
using ::testing::HasSubstr;
using testing::Roicast;
using testing::WriteFile;

TEST(ScoreCommand, ScoreLeavesACompleteFileOrNone) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,note\n1,a\nmuch,b\n3,c\n");
  const ProcessResult result = Roicast({"score", dir.File("in.csv"), "-o", dir.File("out.csv"), "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(roicast::testing::ReadFileOrEmpty(dir.File("out.csv")), "spend,note,roi\n1,a,1\nmuch,b,\n3,c,3\n");
  EXPECT_THAT(result.errors, AllOf(HasSubstr("line 3: column 1 \"spend\": expected a number, got \"much\""),
                                   HasSubstr("3 rows scored"), HasSubstr("1 row got no prediction: its roi is empty")));
  EXPECT_EQ(
      Roicast({"score", "--strict", dir.File("in.csv"), "-o", dir.File("out.csv"), "-s", server.target()}).exit_code,
      5);
  EXPECT_EQ(Roicast({"score", dir.File("in.csv"), "-s", server.target()}).output,
            "spend,note,roi\n1,a,1\nmuch,b,\n3,c,3\n");

  WriteFile(dir.File("torn.csv"), "spend\n1\n\"2\n");
  const ProcessResult torn =
      Roicast({"score", dir.File("torn.csv"), "-o", dir.File("none.csv"), "-s", server.target()});
  EXPECT_EQ(torn.exit_code, 5);
  EXPECT_THAT(torn.errors, HasSubstr("line 3, column 1: expected a closing quote, got the end of the file"));
  EXPECT_EQ(FilesIn(dir.path()).size(), 3u);
  EXPECT_EQ(Roicast({"score", dir.File("absent.csv"), "-s", server.target()}).exit_code, 3);
}

TEST(ScoreCommand, AddsColumnsThatSayHowSureThePredictionsAre) {
  FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                       v1::BatchPredictResponse* response) {
    EXPECT_EQ(request.uncertainty().interval_level(), 0.8);
    EXPECT_EQ(request.uncertainty().profit_threshold(), 0.5);
    for (int64_t row = 0; row < request.matrix().rows(); ++row) {
      response->add_roi(1.0f);
      response->add_interval_low(0.5f);
      response->add_interval_high(2.5f);
      response->add_profit_probability(0.75f);
    }
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,note\n1,a\nmuch,b\n");
  const std::vector<std::string> flags = {
      "score", dir.File("in.csv"), "--interval", "0.8", "--profit-probability", "--profit-threshold", "0.5",
      "-s",    server.target()};
  EXPECT_EQ(Roicast(flags).output,
            "spend,note,roi,roi_low,roi_high,profit_probability\n1,a,1,0.5,2.5,0.75\nmuch,b,,,,\n");
  WriteFile(dir.File("in.csv"), "spend,roi_high\n1,2\n");
  const ProcessResult taken = Roicast(flags);
  EXPECT_NE(taken.exit_code, 0);
  EXPECT_THAT(taken.errors, HasSubstr("the file already has a column \"roi_high\""));
}

TEST(ScoreCommand, ScoreOfAFileWithTheColumnSaysHowToNameAnother) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,roi\n1,5\n");
  const ProcessResult refused = Roicast({"score", dir.File("in.csv"), "-s", server.target()});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(refused.output, "");
  EXPECT_THAT(refused.errors, HasSubstr("already has a column \"roi\"\n  choose another name for the predictions: "
                                        "--column predicted_roi\n"));
  EXPECT_EQ(Roicast({"score", dir.File("in.csv"), "--column", "predicted_roi", "-s", server.target()}).output,
            "spend,roi,predicted_roi\n1,5,1\n");
}

// A model of revenues had spend × (1 + revenue) for a revenue, and one of clicks likewise.
TEST(ScoreCommand, WithRevenueTakesTheRevenueOfAModelThatPredictsOne) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    v1::TargetDescription& target = *model->mutable_report()->mutable_target();
    target.set_name("revenue");
    target.set_is_revenue(true);
    model->set_spend_feature("spend");
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "price,cost\n300,200\n500,\n");
  // SmallModel answers the first feature, the spend.
  const ProcessResult named =
      Roicast({"score", dir.File("in.csv"), "--with-revenue", "--spend", "cost", "-s", server.target()});
  EXPECT_EQ(named.output, "price,cost,predicted_revenue,predicted_profit\n300,200,200,0\n500,,,\n");
  WriteFile(dir.File("in.csv"), "spend,price\n200,300\n");
  const ProcessResult own = Roicast({"score", dir.File("in.csv"), "--with-revenue", "-s", server.target()});
  EXPECT_EQ(own.output, "spend,price,predicted_revenue,predicted_profit\n200,300,200,0\n");
  EXPECT_THAT(own.errors, HasSubstr("in all, spend 200 brings back 200: profit 0 (1 row with"));
}

// A probability or a revenue stood under "roi".
TEST(ScoreCommand, TheColumnIsCalledWhatThePredictionIs) {
  v1::Model served = FakeServer::SmallModel();
  FakeServer server;
  server.on_get_model = [&](const v1::GetModelRequest&, v1::Model* model) {
    *model = served;
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend\n1\nmuch\n");
  const auto score = [&] { return Roicast({"score", dir.File("in.csv"), "--warnings", "-s", server.target()}); };
  EXPECT_THAT(score().output, ::testing::StartsWith("spend,roi,roi_warnings\n"));
  v1::TargetDescription& target = *served.mutable_report()->mutable_target();
  target.set_name("Clicks");
  const ProcessResult clicks = score();
  EXPECT_THAT(clicks.output, ::testing::StartsWith("spend,predicted_Clicks,predicted_Clicks_warnings\n"));
  EXPECT_THAT(clicks.errors, HasSubstr("1 row got no prediction: its predicted_Clicks is empty"));
  target.set_name("Umsatz");
  target.set_is_revenue(true);
  EXPECT_THAT(score().output, ::testing::StartsWith("spend,predicted_revenue,predicted_revenue_warnings\n"));
  v1::TargetSpec& spec = *served.mutable_provenance()->mutable_spec()->mutable_target();
  spec.set_kind(v1::TARGET_KIND_TWO_VALUED);
  spec.set_column("Churn");
  spec.set_positive_value("Yes");
  EXPECT_THAT(score().output, ::testing::StartsWith("spend,P(Churn = Yes),P(Churn = Yes)_warnings\n"));
}

TEST(ScoreCommand, WithRevenueIsRefusedOfOtherNumbers) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    model->mutable_report()->mutable_target()->set_name("Clicks");
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend\n1\n");
  const ProcessResult result =
      Roicast({"score", dir.File("in.csv"), "--with-revenue", "--spend", "spend", "-s", server.target()});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors,
              HasSubstr("--with-revenue: the model predicts \"Clicks\", and neither an ROI nor a revenue"));
}

// The ROI was that of today's spend, and the revenue that of the planned one.
TEST(ScoreCommand, WithRevenuePredictsAtTheSpendThatIsNamed) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    model->mutable_provenance()->mutable_spec()->mutable_target()->set_spend_column("spend");
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,planned\n1,2\n");
  const ProcessResult planned =
      Roicast({"score", dir.File("in.csv"), "--with-revenue", "--spend", "planned", "-s", server.target()});
  EXPECT_EQ(planned.output, "spend,planned,roi,predicted_revenue,predicted_profit\n1,2,2,6,4\n");
  EXPECT_THAT(planned.errors, AllOf(HasSubstr("the feature \"spend\" is read from the column \"planned\", not from the "
                                              "one of its own name"),
                                    HasSubstr("not used: spend\n")));
  WriteFile(dir.File("in.csv"), "spend,price\n1,2\n");
  const ProcessResult other =
      Roicast({"score", dir.File("in.csv"), "--with-revenue", "--spend", "price", "-s", server.target()});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.errors, HasSubstr("--spend price: the ROI is predicted at the spend in \"spend\""));
}

// --column changes neither name.
TEST(ScoreCommand, ATakenNameOfMoneyIsNotBlamedOnTheColumnOfPredictions) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,predicted_revenue\n1,5\n");
  const ProcessResult refused =
      Roicast({"score", dir.File("in.csv"), "--with-revenue", "--spend", "spend", "-s", server.target()});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.errors, HasSubstr("already has a column \"predicted_revenue\"\n  rename the file's column, or "
                                        "leave --with-revenue out\n"));
}

// They were written so in silence.
TEST(ScoreCommand, SaysWhichCharactersTheFilesEncodingDoesNotHave) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,caf\xE9\n1,2\n");
  const std::vector<std::string> line = {"score", dir.File("in.csv"),  "--column", "预测",
                                         "-o",    dir.File("out.csv"), "-s",       server.target()};
  const ProcessResult result = Roicast(line);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(roicast::testing::ReadFileOrEmpty(dir.File("out.csv")), "spend,caf\xE9,\\u{9884}\\u{6D4B}\n1,2,1\n");
  EXPECT_THAT(result.errors,
              HasSubstr("2 characters of the added columns do not exist in windows-1252: they are written "
                        "as \\u{…}\n"));
  std::vector<std::string> as_json = line;
  as_json.push_back("--json");
  EXPECT_EQ(nlohmann::json::parse(Roicast(as_json).output)["unencodable_characters"], 2);
}

TEST(ScoreCommand, SaysThatTheOutputIsNotCompressed) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend\n1\n");
  EXPECT_THAT(Roicast({"score", dir.File("in.csv"), "-o", dir.File("out.csv.gz"), "-s", server.target()}).errors,
              HasSubstr("note: the output is not compressed, whatever its name says\n"));
  EXPECT_EQ(roicast::testing::ReadFileOrEmpty(dir.File("out.csv.gz")), "spend,roi\n1,1\n");
}

TEST(ScoreCommand, CountsUnseenWordsNoFurtherThanItKeepsThem) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  std::string table = "spend,channel\n";
  for (int i = 0; i < 101; ++i) table += "1,word " + std::to_string(i) + "\n";
  WriteFile(dir.File("in.csv"), table);
  const ProcessResult result = Roicast({"score", dir.File("in.csv"), "-o", dir.File("out.csv"), "-s", server.target()});
  EXPECT_THAT(result.errors, HasSubstr("... and at least 90 more words that training has not learnt\n"));
}

// Ctrl-C did nothing while standard input was silent, and a second one left a part of the output behind.
TEST(ScoreCommand, CtrlCEndsScoreThatWaitsForItsInput) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  const std::string pipe = dir.File("pipe"), output = dir.File("out.csv");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  absl::StatusOr<roicast::testing::Process> process = roicast::testing::Process::Start(
      {ROICAST_COMMAND, "score", pipe, "-o", output, "-s", server.target()}, "", dir.File("err"));
  ASSERT_TRUE(process.ok()) << process.status();
  // Blocks until the command has opened the pipe, which is empty once the command has read it.
  const int rows = open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(rows, 0);
  ASSERT_EQ(write(rows, "spend\n1\n", 8), 8);
  const absl::Time until = absl::Now() + absl::Seconds(60);
  for (int unread = 1; unread > 0 && absl::Now() < until;) {
    ASSERT_EQ(ioctl(rows, FIONREAD, &unread), 0);
    absl::SleepFor(absl::Milliseconds(1));
  }
  process->Signal(SIGINT);
  const absl::StatusOr<int> exit_code = process->Wait(absl::Seconds(60));
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 130);
  EXPECT_THAT(roicast::testing::ReadFileOrEmpty(dir.File("err")), HasSubstr("score: cancelled; no output was written"));
  EXPECT_THAT(FilesIn(dir.path()), ::testing::UnorderedElementsAre("pipe", "err"));
  close(rows);
}

}  // namespace
}  // namespace roicast::client
