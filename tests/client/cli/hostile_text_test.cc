// Names, cells and messages that try to take over the terminal. They may come from any table or any server.
#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/cli/commands.h"
#include "tests/client/fake_server.h"
#include "tests/testing/process.h"
#include "tests/testing/pseudo_terminal.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using testing::AllInvocations;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Invocation;
using ::testing::Not;

// A title for the window, red, the cursor to the top, text from right to left, a line that looks like ours, a formula.
constexpr char kHostile[] =
    "=cmd\x1b]0;title\x07\x1b[31m\x1b[1;1H\u009b2J\u202Edne\u200B\nFORGED: all is well\rFORGED\x7f";

// What none of our own output has, on a terminal or not.
MATCHER(IsHarmless, "") {
  for (const char* bad : {"\x1b]", "\x1b[1;1H", "\x07", "\x7f", "\u009b", "\u202E", "\u200B", "\nFORGED", "\rFORGED"}) {
    if (absl::StrContains(arg, bad)) {
      *result_listener << "has " << ::testing::PrintToString(std::string(bad));
      return false;
    }
  }
  return true;
}

// Fills all fields of a message: texts with the hostile one, numbers with 1, lists with one entry.
void Fill(google::protobuf::Message* message, int depth = 0) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  const google::protobuf::Descriptor& type = *message->GetDescriptor();
  if (absl::StartsWith(type.full_name(), "google.protobuf.") || depth > 8) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool list = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        if (field->type() == FieldDescriptor::TYPE_BYTES) break;
        list ? reflection.AddString(message, field, kHostile) : reflection.SetString(message, field, kHostile);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (field->is_map()) break;
        Fill(list ? reflection.AddMessage(message, field) : reflection.MutableMessage(message, field), depth + 1);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        if (!list) reflection.SetInt32(message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        if (!list) reflection.SetInt64(message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (!list) reflection.SetDouble(message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!list) reflection.SetBool(message, field, true);
        break;
      default:
        break;
    }
  }
}

template <typename Message>
Message Filled() {
  Message message;
  Fill(&message);
  return message;
}

class HostileText : public ::testing::Test {
 protected:
  HostileText() {
    server_.artifact = "bytes of an artifact";
    server_.on_get_model = [](const v1::GetModelRequest&, v1::Model* response) {
      // Features with good names as well, for score and predict.
      *response = Filled<v1::Model>();
      response->mutable_schema()->mutable_features()->MergeFrom(FakeServer::SmallModel().schema().features());
      response->mutable_schema()->mutable_features(0)->set_kind(v1::FEATURE_KIND_CATEGORICAL);
      return grpc::Status::OK;
    };
    server_.on_list_models = [](const v1::ListModelsRequest&, v1::ListModelsResponse* response) {
      *response->add_models() = Filled<v1::Model>();
      return grpc::Status::OK;
    };
    const auto job = [](v1::TrainingJob* response) {
      *response = Filled<v1::TrainingJob>();
      response->set_state(v1::JOB_STATE_FAILED);
      return grpc::Status::OK;
    };
    server_.on_create_job = [job](const v1::CreateTrainingJobRequest&, v1::TrainingJob* response) {
      return job(response);
    };
    server_.on_get_job = [job](const v1::GetTrainingJobRequest&, v1::TrainingJob* response) { return job(response); };
    server_.on_list_jobs = [job](const v1::ListTrainingJobsRequest&, v1::ListTrainingJobsResponse* response) {
      return job(response->add_jobs());
    };
    server_.on_watch_job = [job](const v1::WatchTrainingJobRequest&, grpc::ServerContext*,
                                 grpc::ServerWriter<v1::TrainingJob>* writer) {
      v1::TrainingJob update;
      job(&update);
      update.set_state(v1::JOB_STATE_RUNNING);
      writer->Write(update);
      update.set_state(v1::JOB_STATE_FAILED);
      writer->Write(update);
      return grpc::Status::OK;
    };
    server_.on_inspect = [](const v1::InspectDatasetRequest&, v1::InspectDatasetResponse* response) {
      *response = Filled<v1::InspectDatasetResponse>();
      return grpc::Status::OK;
    };
    server_.on_evaluate = [](const v1::EvaluateModelRequest&, v1::EvaluateModelResponse* response) {
      *response = Filled<v1::EvaluateModelResponse>();
      return grpc::Status::OK;
    };
    server_.on_predict = [](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse* response) {
      *response = Filled<v1::PredictResponse>();
      response->mutable_warnings(0)->set_kind(v1::WARNING_KIND_CATEGORY_UNSEEN);
      return grpc::Status::OK;
    };
    server_.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                          v1::BatchPredictResponse* response) {
      for (int64_t i = 0; i < std::max<int64_t>(1, request.matrix().rows()); ++i) response->add_roi(1);
      v1::RowIssue& issue = *response->add_issues();
      Fill(&issue);
      issue.set_row(0);
      issue.mutable_status()->set_code(0);
      issue.mutable_warnings(0)->set_kind(v1::WARNING_KIND_CATEGORY_UNSEEN);
      return grpc::Status::OK;
    };
    server_.Start();
    std::ofstream(table()) << "spend,price,channel,start,\"=1+1\"\n"
                              "1,2,search,2024-01-01,\"=cmd|' /C calc'!A0\"\n"
                              "2,\""
                           << kHostile << "\",social,2024-01-02,\"" << kHostile << "\"\n";
  }

  std::string table() const { return folder_.File("table.csv"); }

  FakeServer server_;
  const TempDir folder_;
};

TEST_F(HostileText, NoCommandPassesItToTheTerminal) {
  std::set<std::string> shown_by;
  for (const Invocation& invocation : AllInvocations(table())) {
    std::vector<std::string> line = {ROICAST_COMMAND};
    line.insert(line.end(), invocation.command.path.begin(), invocation.command.path.end());
    line.insert(line.end(), invocation.arguments.begin(), invocation.arguments.end());
    line.insert(line.end(), {"--server", server_.target()});
    const bool prints_table = invocation.command.Name() == "score";
    if (prints_table) line.insert(line.end(), {"-o", folder_.File("scored.csv")});
    const absl::StatusOr<ProcessResult> piped = roicast::testing::RunProcess(line);
    ASSERT_TRUE(piped.ok()) << piped.status();
    EXPECT_THAT(piped->output, IsHarmless()) << invocation.command.Name();
    EXPECT_THAT(piped->errors, IsHarmless()) << invocation.command.Name();
    EXPECT_THAT(piped->output + piped->errors, Not(HasSubstr("\x1b"))) << invocation.command.Name();
    const auto shown = roicast::testing::RunInTerminal(line, 80);
    ASSERT_TRUE(shown.ok()) << shown.status();
    EXPECT_THAT(shown->screen, IsHarmless()) << invocation.command.Name();
    if (absl::StrContains(piped->output + piped->errors, "␛]0;title␇")) shown_by.insert(invocation.command.Name());
  }
  EXPECT_THAT(shown_by, ::testing::IsSupersetOf({"evaluate", "inspect", "jobs list", "jobs show", "jobs watch",
                                                 "models list", "models show", "predict", "train"}));
}

TEST_F(HostileText, ErrorsShowItHarmlessly) {
  const auto errors = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ROICAST_COMMAND);
    arguments.insert(arguments.end(), {"--server", server_.target()});
    const absl::StatusOr<ProcessResult> result = roicast::testing::RunProcess(arguments);
    EXPECT_NE(result->exit_code, 0);
    return result->errors;
  };
  const std::string hostile = kHostile;
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"score", folder_.File(hostile)},
           {"inspect", folder_.File(hostile)},
           {"train", table(), "--kind", "a=" + hostile},
           {"train", table(), "--holdout-where", hostile},
           {"train", table(), "--epochs", hostile},
           {"train", table(), "--preset", hostile},
           {"train", table(), hostile},
           {"health", "--" + hostile},
           {hostile},
           {"predict", hostile},
           {"predict", hostile + "=1"},
           {"predict", "spend=" + hostile},
           {"predict", "--file", folder_.File(hostile)},
           {"score", table(), "--delimiter", hostile},
           {"generate", "-o", folder_.File("no/" + hostile)},
           {"health", "--server", "nowhere.invalid:1" + hostile},
       }) {
    EXPECT_THAT(errors(arguments), AllOf(IsHarmless(), Not(HasSubstr("\x1b")))) << arguments[0] << arguments.back();
  }
}

TEST_F(HostileText, ErrorsOfAServerShowItHarmlessly) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model*) {
    return FakeServer::Error(grpc::StatusCode::NOT_FOUND, v1::MODEL_NOT_FOUND, kHostile);
  };
  server.Start();
  const auto result = roicast::testing::RunProcess({ROICAST_COMMAND, "models", "show", "--server", server.target()});
  EXPECT_EQ(result->errors,
            "roicast: =cmd␛]0;title␇␛[31m␛[1;1H<U+009B>2J<U+202E>dne<U+200B> FORGED: all is well FORGED␡\n"
            "  roicast models list shows all models; roicast train FILE trains one\n");
}

TEST_F(HostileText, FilesAndJsonKeepItUnchanged) {
  const auto shown =
      roicast::testing::RunProcess({ROICAST_COMMAND, "models", "list", "--json", "--server", server_.target()});
  EXPECT_EQ(nlohmann::json::parse(shown->output)[0]["name"], kHostile);
  EXPECT_THAT(shown->output, AllOf(IsHarmless(), Not(HasSubstr("\x1b")))) << "JSON has escapes of its own";
  const std::string scored = folder_.File("scored.csv");
  FakeServer small;
  small.Start();
  const auto result =
      roicast::testing::RunProcess({ROICAST_COMMAND, "score", table(), "-o", scored, "--server", small.target()});
  EXPECT_EQ(result->exit_code, 0) << result->errors;
  const std::string out = roicast::testing::ReadFileOrEmpty(scored);
  EXPECT_THAT(out, HasSubstr("=1+1"));
  EXPECT_THAT(out, HasSubstr("=cmd|' /C calc'!A0"));
  EXPECT_THAT(out, HasSubstr(kHostile));
}

}  // namespace
}  // namespace roicast::client
