// report, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FilesIn;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Roicast;
using testing::WriteFile;

// The model predicts a row's spend, as EchoFirstValue has it; the outcome is 1 more.
std::string TableOf(int rows) {
  std::string csv = "spend,price,channel,roi\n";
  for (int i = 1; i <= rows; ++i) absl::StrAppend(&csv, i, ",5,search,", i + 1, "\n");
  return csv;
}

void StartWithTarget(FakeServer& server) {
  server.on_get_model = [](const v1::GetModelRequest& request, v1::Model* model) {
    *model = FakeServer::SmallModel();
    if (request.model().version() == 2) model->set_version(2);
    model->set_serving(model->version() == 3);
    v1::ServingStep& step = *model->add_serving_steps();
    step.set_version(3);
    step.set_from_version(2);
    model->mutable_provenance()->mutable_spec()->mutable_target()->set_column("roi");
    return grpc::Status::OK;
  };
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                       v1::BatchPredictResponse* response) {
    const int width = 4;
    for (int i = 0; i < request.matrix().rows(); ++i) {
      const float spend = request.matrix().values(i * width);
      response->add_roi(request.model().version() == 2 ? 0 : spend);
      if (!request.uncertainty().has_interval_level()) continue;
      response->add_interval_low(spend - 2);
      response->add_interval_high(spend + 2);
      response->add_profit_probability(0.5f);
    }
    return grpc::Status::OK;
  };
  server.Start();
}

TEST(ReportCommand, WritesOneFileAndSaysWhatItLeavesOut) {
  FakeServer server;
  server.on_analyze = [](const v1::AnalyzeModelRequest&, v1::AnalyzeModelResponse*) {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  };
  StartWithTarget(server);
  const TempDir dir;
  WriteFile(dir.File("in.csv"), TableOf(50));
  const ProcessResult result =
      Roicast({"report", dir.File("in.csv"), "-o", dir.File("out.html"), "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, AllOf(HasSubstr("out.html: report of small version 3, "),
                                   HasSubstr("left out, what drives the predictions: the server is of a release that "
                                             "does not offer them."),
                                   Not(HasSubstr("response curves"))));
  const std::string html = roicast::testing::ReadFileOrEmpty(dir.File("out.html"));
  EXPECT_THAT(html, AllOf(HasSubstr("The pictures show 50 campaigns of in.csv"), HasSubstr("Predicted against actual"),
                          HasSubstr("On average the prediction is 1.00 too low."),
                          HasSubstr("Of 50 campaigns, 100 % inside those of 50 %"),
                          HasSubstr("Typical values stand for what the file lacks: no column for &quot;start&quot;"),
                          HasSubstr("channel = search: profit still grows at the highest spend shown, 100,"),
                          HasSubstr("Version 2 served before it."), HasSubstr("version 3 is better"),
                          Not(HasSubstr("The model has learnt from"))));
}

// It asked for the curves of no rows, and left them out with the server's error.
TEST(ReportCommand, HasTheCurveOfATypicalCampaignWhereAllWordsAreUnknown) {
  FakeServer server;
  int64_t asked = -1;
  const auto curve = server.on_curve;
  server.on_curve = [&](const v1::ResponseCurveRequest& request, v1::ResponseCurveResponse* response) {
    asked = request.rows().matrix().rows();
    return curve(request, response);
  };
  StartWithTarget(server);
  const TempDir dir;
  std::string csv = "spend,price,channel,roi\n";
  for (int i = 1; i <= 30; ++i) absl::StrAppend(&csv, i, ",5,radio,", i + 1, "\n");
  WriteFile(dir.File("in.csv"), csv);
  const ProcessResult result = Roicast({"report", dir.File("in.csv"), "-o", "-", "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(asked, 1);
  EXPECT_THAT(result.output, HasSubstr("a typical campaign"));
  for (const std::string& said : {result.errors, result.output}) {
    EXPECT_THAT(said, HasSubstr("not learnt in training: channel "));
  }
}

// It did not ask, although the server answers for them.
TEST(ReportCommand, HasTheCurvesOfAModelOfRevenue) {
  FakeServer server;
  StartWithTarget(server);
  const auto model = server.on_get_model;
  server.on_get_model = [&](const v1::GetModelRequest& request, v1::Model* answer) {
    const grpc::Status status = model(request, answer);
    answer->mutable_provenance()->mutable_spec()->mutable_target()->set_column("sales");
    answer->mutable_report()->mutable_target()->set_name("sales");
    return status;
  };
  const TempDir dir;
  std::string csv = "spend,price,channel,sales\n";
  for (int i = 1; i <= 30; ++i) absl::StrAppend(&csv, i, ",5,search,", i + 1, "\n");
  WriteFile(dir.File("in.csv"), csv);
  const std::vector<std::string> line = {"report", dir.File("in.csv"), "-o", "-", "-s", server.target()};
  const ProcessResult result = Roicast(line);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, Not(HasSubstr("response curves:")));
  EXPECT_THAT(result.output, AllOf(HasSubstr("The next unit of money"), HasSubstr("<dt>Marginal ROI</dt>"),
                                   HasSubstr("channel = search: profit still grows at the highest spend shown")));
  server.on_curve = [](const v1::ResponseCurveRequest&, v1::ResponseCurveResponse*) {
    return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::NOT_AN_ROI, "it predicts \"sales\"");
  };
  EXPECT_THAT(Roicast(line).errors,
              HasSubstr("response curves: they need a model of ROI or revenue, and this one predicts sales."));
}

// It asked how predictions move along a channel that no row has, and left all of the analysis out.
TEST(ReportCommand, SaysWhatDrivesPredictionsWhereAllWordsAreUnknown) {
  FakeServer server;
  std::vector<std::string> along;
  server.on_analyze = [&](const v1::AnalyzeModelRequest& request, v1::AnalyzeModelResponse* response) {
    for (const char* feature : {"channel", "spend"}) {
      if (!request.importance()) continue;
      v1::FeatureImportance& importance = *response->add_importance();
      importance.set_feature(feature);
      importance.set_importance(0.5);
    }
    for (const std::string& feature : request.dependence()) {
      along.push_back(feature);
      response->add_dependence()->set_feature(feature);
    }
    return grpc::Status::OK;
  };
  StartWithTarget(server);
  const TempDir dir;
  std::string csv = "spend,price,channel,roi\n";
  for (int i = 1; i <= 30; ++i) absl::StrAppend(&csv, i, ",5,radio,", i + 1, "\n");
  WriteFile(dir.File("in.csv"), csv);
  const ProcessResult unknown = Roicast({"report", dir.File("in.csv"), "-o", "-", "-s", server.target()});
  EXPECT_EQ(unknown.exit_code, 0) << unknown.errors;
  EXPECT_THAT(along, ElementsAre("spend"));
  EXPECT_THAT(unknown.errors, Not(HasSubstr("left out, what drives the predictions")));
  // One known word is enough.
  along.clear();
  WriteFile(dir.File("in.csv"), absl::StrCat(csv, "31,5,search,32\n"));
  const ProcessResult known = Roicast({"report", dir.File("in.csv"), "-o", "-", "-s", server.target()});
  EXPECT_EQ(known.exit_code, 0) << known.errors;
  EXPECT_THAT(along, ElementsAre("channel", "spend"));
}

TEST(ReportCommand, AsksWhetherTheModelHasLearntFromTheRows) {
  FakeServer server;
  server.on_evaluate = [](const v1::EvaluateModelRequest& request, v1::EvaluateModelResponse* response) {
    EXPECT_EQ(request.dataset_digest(), "digest-of-the-upload");
    EXPECT_EQ(request.model().version(), 3);
    response->mutable_learnt_rows()->set_rows_checked(40);
    response->mutable_learnt_rows()->set_rows_learnt(32);
    return grpc::Status::OK;
  };
  StartWithTarget(server);
  const TempDir dir;
  WriteFile(dir.File("in.csv"), TableOf(40));
  const ProcessResult result = Roicast({"report", dir.File("in.csv"), "-o", "-", "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(server.uploaded(), TableOf(40));
  EXPECT_THAT(result.output, HasSubstr("The model has learnt from 32 of 40 of these rows"));
}

TEST(ReportCommand, DoesWithoutTheAnswer) {
  FakeServer server;
  server.on_evaluate = [](const v1::EvaluateModelRequest&, v1::EvaluateModelResponse*) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "out of order");
  };
  StartWithTarget(server);
  const TempDir dir;
  WriteFile(dir.File("in.csv"), TableOf(40));
  const ProcessResult result = Roicast({"report", dir.File("in.csv"), "-o", "-", "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("Whether the model has learnt from these rows is not known, and then the "
                                       "pictures would flatter it: out of order."));
}

TEST(ReportCommand, NamesAnOutcomeThatIsNotThere) {
  FakeServer server;
  StartWithTarget(server);
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,rio\n1,2\n3,4\n");
  const ProcessResult result =
      Roicast({"report", dir.File("in.csv"), "-o", dir.File("out.html"), "--json", "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json["rows"], 2);
  EXPECT_EQ(json["rows_with_outcome"], 0);
  EXPECT_EQ(json["left_out"][0],
            "predicted against actual: the file has no column \"roi\"; did you mean \"rio\"?; name the outcome with "
            "--target COLUMN.");
  const ProcessResult wrong = Roicast({"report", dir.File("in.csv"), "--target", "roy", "-s", server.target()});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("--target roy: no column \"roy\""));
  EXPECT_EQ(FilesIn(dir.path()).size(), 2u);
}

TEST(ReportCommand, NeedsNoTable) {
  FakeServer server;
  StartWithTarget(server);
  const ProcessResult result = Roicast({"report", "-o", "-", "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("are left out: no file was given"));
  EXPECT_THAT(result.errors, HasSubstr("left out, predicted against actual: no file was given"));
  EXPECT_EQ(Roicast({"report", "/nowhere.csv", "-o", "-", "-s", server.target()}).exit_code, 3);
  EXPECT_THAT(Roicast({"report", "--rows", "5", "-s", server.target()}).errors,
              HasSubstr("--rows: expected 100 to 100000, got 5"));
}

}  // namespace
}  // namespace roicast::client
