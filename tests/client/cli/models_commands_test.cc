// models, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using ::testing::HasSubstr;
using testing::Roicast;
using ::testing::StartsWith;

TEST(ModelsCommands, ModelsExportAndImport) {
  FakeServer server;
  server.artifact = "bytes of an artifact";
  server.Start();
  const TempDir dir;
  const ProcessResult out = Roicast({"models", "export", dir.File("m.roicast"), "-s", server.target()});
  EXPECT_EQ(out.exit_code, 0) << out.errors;
  EXPECT_EQ(roicast::testing::ReadFileOrEmpty(dir.File("m.roicast")), "bytes of an artifact");
  const ProcessResult in =
      Roicast({"models", "import", dir.File("m.roicast"), "--model", "other", "-s", server.target()});
  EXPECT_EQ(in.exit_code, 0) << in.errors;
  EXPECT_THAT(in.output, StartsWith("other version 8"));
  EXPECT_EQ(server.uploaded(), "bytes of an artifact");
  EXPECT_THAT(Roicast({"models", "list", "-s", server.target()}).output, HasSubstr("No models yet"));
  EXPECT_EQ(Roicast({"jobs", "show", "job-7", "-s", server.target()}).exit_code, 3);
  const ProcessResult absent = Roicast({"models", "import", dir.File("no.roicast"), "-s", server.target()});
  EXPECT_EQ(absent.exit_code, 3);
  EXPECT_THAT(absent.errors, HasSubstr("check the path"));
}

TEST(ModelsCommands, ModelsServeSaysWhatServesNow) {
  FakeServer server;
  v1::ServeVersionRequest seen;
  server.on_serve = [&](const v1::ServeVersionRequest& request, v1::Model* model) {
    seen = request;
    if (!request.force()) {
      return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::VERSION_REFUSED,
                               "model \"shop\" version 2 is refused: feature \"city\" is missing");
    }
    model->set_name("shop");
    model->set_version(2);
    v1::ServingStep& step = *model->add_serving_steps();
    step.set_version(2);
    step.set_from_version(3);
    step.set_holds(!request.follow());
    if (!request.follow()) model->set_serving_objections("feature \"city\" is missing");
    return grpc::Status::OK;
  };
  server.Start();
  const ProcessResult refused = Roicast({"models", "serve", "shop", "2", "-s", server.target()});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(refused.errors,
            "roicast: model \"shop\" version 2 is refused: feature \"city\" is missing\n"
            "  roicast models show NAME VERSION shows a version's features and metrics\n");
  const ProcessResult forced = Roicast(
      {"models", "serve", "--model", "shop", "--version", "2", "--force", "--reason", "why", "-s", server.target()});
  EXPECT_EQ(forced.exit_code, 0) << forced.errors;
  EXPECT_EQ(
      forced.output,
      "shop version 2 serves, instead of version 3\n"
      "  note: feature \"city\" is missing\n"
      "  It holds its place: newer versions do not take over until another version is served by hand, or this one "
      "with --follow\n");
  EXPECT_EQ(seen.model().name(), "shop");
  EXPECT_EQ(seen.model().version(), 2);
  EXPECT_EQ(seen.reason(), "why");
  const ProcessResult follow = Roicast({"models", "serve", "shop", "2", "--force", "--follow", "-s", server.target()});
  EXPECT_EQ(follow.output, "shop version 2 serves, instead of version 3\n");
  server.on_get_model = [](const v1::GetModelRequest& request, v1::Model* model) {
    EXPECT_EQ(request.model().version(), 0);
    model->set_version(2);
    model->set_serving(true);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Roicast({"models", "serve", "shop", "2", "--force", "--follow", "-s", server.target()}).output,
            "shop version 2 serves already\n");
  EXPECT_EQ(Roicast({"models", "serve", "shop", "-s", server.target()}).exit_code, 2) << "the version is required";
}

TEST(ModelsCommands, ModelsShowAndListSayWhatDoesNotServeAndWhy) {
  FakeServer server;
  v1::GetModelRequest asked;
  server.on_get_model = [&](const v1::GetModelRequest& request, v1::Model* model) {
    asked = request;
    model->set_name("shop");
    model->set_version(2);
    model->set_not_serving("worse than a constant");
    v1::ServingStep& back = *model->add_serving_steps();
    back.mutable_time()->set_seconds(1700000000);
    back.set_version(1);
    back.set_from_version(3);
    back.set_cause(v1::SERVING_CAUSE_HAND);
    back.set_forced(true);
    back.set_holds(true);
    back.set_actor("ipv4:10.0.0.7:41022");
    back.set_reason("odd answers");
    v1::ServingStep& first = *model->add_serving_steps();
    first.mutable_time()->set_seconds(1600000000);
    first.set_version(3);
    first.set_cause(v1::SERVING_CAUSE_RULE);
    first.set_actor("job-000003");
    v1::MetricsWithBaseline& holdout = *model->mutable_report()->mutable_holdout();
    holdout.mutable_model()->mutable_transformed()->set_mse(1.45);
    holdout.mutable_baseline()->mutable_transformed()->set_mse(1);
    holdout.set_r2_standard_error(0.1);
    holdout.set_verdict(v1::CONSTANT_VERDICT_WORSE);
    return grpc::Status::OK;
  };
  server.on_list_models = [&](const v1::ListModelsRequest& request, v1::ListModelsResponse* response) {
    v1::Model& model = *response->add_models();
    model.set_name("shop");
    model.set_version(1);
    model.set_serving(request.name().empty());
    if (request.name().empty()) {
      model.set_newest_version(3);
    } else {
      model.set_not_serving("worse than a constant");
    }
    return grpc::Status::OK;
  };
  server.Start();
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"models", "show", "shop", "2"},
                                             {"models", "show", "--version", "2", "shop"},
                                             {"models", "show", "--model", "shop", "2"},
                                             {"models", "show", "-m", "shop", "--version", "2"}}) {
    std::vector<std::string> command = arguments;
    command.insert(command.end(), {"-s", server.target()});
    const ProcessResult show = Roicast(command);
    EXPECT_EQ(show.exit_code, 0) << show.errors;
    EXPECT_EQ(asked.model().name(), "shop");
    EXPECT_EQ(asked.model().version(), 2);
    EXPECT_THAT(show.output, HasSubstr("  not serving: worse than a constant\n"));
    EXPECT_THAT(show.output,
                HasSubstr("\nWhich version serves, newest first\n"
                          "  2023-11-14T22:13:20Z  version 1 instead of 3, by hand, forced, ipv4:10.0.0.7:41022; holds "
                          "its place: odd answers\n"
                          "  2020-09-13T12:26:40Z  version 3, by itself, job-000003\n"));
    EXPECT_THAT(show.output, HasSubstr("  holdout: worse than a constant (R² -0.4500 ± 0.1645, transformed, beside the "
                                       "constant)\n"));
  }
  EXPECT_THAT(Roicast({"models", "list", "-s", server.target()}).output,
              HasSubstr("serving; version 3 is newer and does not serve"));
  for (const char* flag : {"", "--model"}) {
    std::vector<std::string> command = {"models", "list", "shop", "-s", server.target()};
    if (*flag != '\0') command.insert(command.begin() + 2, flag);
    EXPECT_THAT(Roicast(command).output, HasSubstr("not serving: worse than a constant"));
  }
}

}  // namespace
}  // namespace roicast::client
