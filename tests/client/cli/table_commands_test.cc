// inspect, train and evaluate as their users run them, against a fake server.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
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
using testing::RunLine;
using ::testing::StartsWith;
using testing::WriteFile;

constexpr char kInspection[] = R"(
  file { encoding: TEXT_ENCODING_UTF_8 delimiter: ";" header_line: 2 rows: 3
         left_out { reason: "title" rows: 1 lines: 1 example: "Report" } }
  columns { name: "Umsatz, netto" present: 3 distinct: 3 role: "revenue"
            reading { kind: FEATURE_KIND_NUMERIC decimal_mark: DECIMAL_MARK_COMMA examples: "1,5" } }
  columns { name: "Tag" kind: FEATURE_KIND_CATEGORICAL present: 3 distinct: 3 role: "feature"
            reading { kind: FEATURE_KIND_CATEGORICAL examples: "03/04/2024" ambiguous: true } }
  cleaning { rows_in: 3 rows_used: 3 left_out { column: "Umsatz, netto" reason: "revenue" } }
  train_rows: 2 holdout_rows: 1
  target { revenue_column: "Umsatz, netto" spend_column: "Kosten" }
  warnings { serious: true column: "Tag" lines: 3 message: "day and month cannot be told apart"
             flags: ["--dates Tag=day-first", "--dates Tag=month-first"] }
  warnings { column: "Kosten" message: "12 cells end in EUR" })";

// A server that answers with kInspection, and queues a job.
class TableCommands : public ::testing::Test {
 protected:
  TableCommands() {
    server_.on_inspect = [this](const v1::InspectDatasetRequest& request, v1::InspectDatasetResponse* response) {
      const absl::MutexLock lock(&mutex_);
      inspected_ = request.spec();
      if (refuse_columns_ && request.spec().columns_size() > 0) {
        return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "columns[0]: refused");
      }
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kInspection, response));
      return inspection_status_;
    };
    server_.on_create_job = [this](const v1::CreateTrainingJobRequest& request, v1::TrainingJob* job) {
      const absl::MutexLock lock(&mutex_);
      trained_ = request.spec();
      job->set_id("job-000042");
      return grpc::Status::OK;
    };
    server_.Start();
    WriteFile(file_, "Umsatz, netto;Kosten;Tag;Kanal\n1,5;1;03/04/2024;x\n");
  }

  std::vector<std::string> With(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-s", server_.target()});
    return arguments;
  }

  // What the commands asked for last.
  v1::TrainingSpec Inspected() {
    const absl::MutexLock lock(&mutex_);
    return inspected_;
  }
  v1::TrainingSpec Trained() {
    const absl::MutexLock lock(&mutex_);
    return trained_;
  }

  grpc::Status inspection_status_;
  bool refuse_columns_ = false;
  absl::Mutex mutex_;
  v1::TrainingSpec inspected_ ABSL_GUARDED_BY(mutex_), trained_ ABSL_GUARDED_BY(mutex_);
  const TempDir dir_;
  const std::string file_ = dir_.File("past.csv");
  // Its threads end before what they write goes away.
  FakeServer server_;
};

TEST_F(TableCommands, InspectShowsTheFileTheColumnsAndTheWarningsAndEndsWithACommand) {
  const ProcessResult result = Roicast(With({"inspect", file_, "--revenue", "Umsatz, netto", "--spend", "Kosten",
                                             "--exclude", "Kanal", "--decimal", "comma"}));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "Dataset digest-of-the-upload\n"
            "File: UTF-8, semicolons, header on line 2, 3 rows\n"
            "  left out, title: 1 row, line 1: Report\n"
            "\n"
            "Columns\n"
            "  column         read as           role     missing    examples  range  distinct  mean  transform\n"
            "  Umsatz, netto  number 1234,50    revenue        0         1,5                3\n"
            "  Tag            words, ambiguous  feature        0  03/04/2024                3\n"
            "Target: ROI from revenue \"Umsatz, netto\" and spend \"Kosten\"\n"
            "\n"
            "Cleaning\n"
            "  rows: 3 read, 3 used\n"
            "  rows: 2 for training, 0 for validation, 1 held out\n"
            "\n"
            "Warnings\n"
            "  warning: Tag: day and month cannot be told apart (line 3)\n"
            "    to change it: --dates Tag=day-first\n"
            "              or: --dates Tag=month-first\n"
            "  note: Kosten: 12 cells end in EUR\n"
            "\n"
            "Train on it:\n"
            "  roicast train --dataset digest-of-the-upload --revenue 'Umsatz, netto' --spend Kosten --exclude Kanal "
            "--server " +
                server_.target() + "\n");
  EXPECT_EQ(server_.upload_header().csv().columns(0).decimal_mark(), v1::DECIMAL_MARK_COMMA);
  EXPECT_EQ(server_.upload_header().csv().delimiter(), "");
}

// It once forgot the flags: the proposed command failed, or trained on something else.
TEST_F(TableCommands, TheCommandThatInspectProposesTrainsOnWhatWasShown) {
  const ProcessResult inspected =
      Roicast(With({"inspect", file_, "--revenue", "Umsatz, netto", "--spend", "Kosten", "--exclude", "Kanal", "--kind",
                    "Tag=time", "--copies", "keep", "--range", "Kosten=0..", "--holdout-where", "Kanal=it's x"}));
  ASSERT_EQ(inspected.exit_code, 0) << inspected.errors;
  const size_t at = inspected.output.find("Train on it:\n");
  ASSERT_NE(at, std::string::npos);
  std::string command = inspected.output.substr(at + 13);
  ASSERT_THAT(command, StartsWith("  roicast train --dataset digest-of-the-upload "));
  command = std::string(ROICAST_COMMAND) + command.substr(command.find(" train"));
  const ProcessResult trained = RunLine({"/bin/bash", "-c", command.substr(0, command.size() - 1) + " --detach"});
  EXPECT_EQ(trained.exit_code, 0) << command << trained.errors;
  v1::TrainingSpec expected = Inspected();
  EXPECT_EQ(Trained().SerializeAsString(), expected.SerializeAsString()) << Trained().DebugString();
  EXPECT_EQ(Trained().columns_size(), 3);
}

TEST_F(TableCommands, InspectAsJsonHasTheSame) {
  const ProcessResult result = Roicast(With({"inspect", file_, "--json", "--spend", "Kosten"}));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const nlohmann::json json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json["file"]["delimiter"], ";");
  EXPECT_EQ(json["file"]["left_out"][0]["reason"], "title");
  EXPECT_EQ(json["columns"][1]["role"], "feature");
  EXPECT_EQ(json["columns"][1]["reading"]["ambiguous"], true);
  EXPECT_EQ(json["warnings"][0]["flags"][1], "--dates Tag=month-first");
  EXPECT_EQ(json["target"]["spend_column"], "Kosten");
  EXPECT_EQ(json["dataset_digest"], "digest-of-the-upload");
  EXPECT_EQ(json["train_command"],
            "roicast train --dataset digest-of-the-upload --spend Kosten --server " + server_.target());
}

TEST_F(TableCommands, AWrongColumnIsFoundBeforeTheUpload) {
  for (const char* command : {"inspect", "train", "evaluate"}) {
    const ProcessResult result = Roicast(With({command, file_, "--spend", "kosten"}));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(result.errors,
              "roicast: --spend kosten: no column \"kosten\"; did you mean \"Kosten\"?\n"
              "  the columns are \"Umsatz, netto\", Kosten, Tag, Kanal\n");
    EXPECT_EQ(Roicast(With({command, file_, "--dates", "tag=day-first"})).errors,
              "roicast: --dates tag=day-first: no column \"tag\"; did you mean \"Tag\"?\n"
              "  the columns are \"Umsatz, netto\", Kosten, Tag, Kanal\n");
  }
  EXPECT_EQ(server_.uploaded(), "");
}

TEST_F(TableCommands, StandardInputIsCheckedAndUploadedWhole) {
  const std::string command = std::string(ROICAST_COMMAND) + " inspect - -s " + server_.target();
  const ProcessResult wrong = RunLine({"/bin/bash", "-c", command + " --target roi < " + file_});
  EXPECT_THAT(wrong.errors, StartsWith("roicast: --target roi: no column \"roi\"\n"));
  EXPECT_EQ(server_.uploaded(), "");
  const ProcessResult right = RunLine({"/bin/bash", "-c", command + " --spend Kosten < " + file_});
  EXPECT_EQ(right.exit_code, 0) << right.errors;
  EXPECT_EQ(server_.uploaded(), roicast::testing::ReadFileOrEmpty(file_));
}

TEST_F(TableCommands, AListForADatasetOnTheServerIsToldByItsColumns) {
  const ProcessResult result =
      Roicast(With({"inspect", "--dataset", "d", "--exclude", "Umsatz, netto", "--include", "Tag"}));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  ASSERT_EQ(Inspected().columns_size(), 2);
  EXPECT_EQ(Inspected().columns(0).name(), "Umsatz, netto");
  EXPECT_THAT(Roicast(With({"inspect", "--dataset", "d", "--exclude", "Tag,x"})).errors,
              StartsWith("roicast: --exclude Tag,x: no column \"x\"\n"));
}

TEST_F(TableCommands, AWrongColumnOfADatasetOnTheServerIsNamedByItsFlag) {
  refuse_columns_ = true;
  for (const char* command : {"inspect", "train"}) {
    const ProcessResult result = Roicast(With({command, "--dataset", "d", "--exclude", "Tga"}));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.errors,
              "roicast: --exclude Tga: no column \"Tga\"; did you mean \"Tag\"?\n"
              "  the columns are \"Umsatz, netto\", Tag\n");
  }
  // What the flags are not to blame for stays as the server says it.
  EXPECT_EQ(Roicast(With({"inspect", "--dataset", "d", "--exclude", "Tag"})).errors, "roicast: columns[0]: refused\n");
}

TEST_F(TableCommands, FlagsOfOneWordSayWhichItIs) {
  const ProcessResult result = Roicast(With({"train", file_, "--schema", "mine"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, StartsWith("roicast train: --schema: expected campaign, got mine\n"));
}

TEST_F(TableCommands, FlagsAboutTheFileNeedAFile) {
  const ProcessResult result = Roicast(With({"train", "--dataset", "d", "--decimal", "comma"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.errors,
            "roicast: --decimal: expected a file to read, got --dataset, which is read as it was uploaded\n"
            "  give the file again instead of --dataset\n");
}

TEST_F(TableCommands, TrainShowsHowTheTableIsReadBeforeItBegins) {
  const ProcessResult result = Roicast(With({"train", file_, "--spend", "Kosten", "--detach"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.errors, ::testing::EndsWith("File: UTF-8, semicolons, header on line 2, 3 rows\n"
                                                 "  left out, title: 1 row, line 1: Report\n"
                                                 "Target: ROI from revenue \"Umsatz, netto\" and spend \"Kosten\"\n"
                                                 "Rows: 3 of 3 used; 2 for training, 0 for validation, 1 held out\n"
                                                 "  warning: Tag: day and month cannot be told apart (line 3)\n"
                                                 "    to change it: --dates Tag=day-first\n"
                                                 "              or: --dates Tag=month-first\n"
                                                 "  1 note on how the table is read: roicast inspect shows them\n"
                                                 "\n"));
  EXPECT_EQ(result.output, "job-000042\nWatch it: roicast jobs watch job-000042\n");
  EXPECT_EQ(Trained().dataset_digest(), "digest-of-the-upload");
  const ProcessResult json = Roicast(With({"train", file_, "--detach", "--json"}));
  EXPECT_EQ(nlohmann::json::parse(json.output)["id"], "job-000042");
  EXPECT_THAT(json.errors, HasSubstr("  warning: Tag: day and month cannot be told apart (line 3)\n"));
}

TEST_F(TableCommands, TrainQueuesNoJobThatItsDataWouldFail) {
  inspection_status_ = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no target: two columns look like revenue");
  const ProcessResult refused = Roicast(With({"train", file_, "--detach"}));
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.errors, HasSubstr("no target: two columns look like revenue"));
  EXPECT_EQ(Trained().dataset_digest(), "");
  // What is no error of the data does not keep from training.
  inspection_status_ = grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too much memory");
  const ProcessResult trained = Roicast(With({"train", file_, "--detach"}));
  EXPECT_EQ(trained.exit_code, 0) << trained.errors;
  EXPECT_THAT(trained.errors, HasSubstr("no preview: "));
  EXPECT_EQ(Trained().dataset_digest(), "digest-of-the-upload");
}

TEST(EvaluateCommand, ShowsHowTheFileWasRead) {
  FakeServer server;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(reading { file { delimiter: "," header_line: 1 rows: 2 } } warnings { serious: true message: "mixed currencies" })",
      &server.dataset));
  v1::EvaluateModelRequest seen;
  // The model learnt prices, and what it predicts, in per cent.
  for (const char* name : {"price", "sales"}) server.dataset.mutable_reading()->add_columns()->set_name(name);
  server.on_get_model = [](const v1::GetModelRequest& request, v1::Model* model) {
    EXPECT_EQ(request.model().version(), 3);
    *model = FakeServer::SmallModel();
    model->mutable_report()->mutable_target()->set_name("sales");
    for (const char* name : {"price", "sales"}) {
      v1::ColumnReading& learnt = *model->mutable_report()->mutable_cleaning()->mutable_reading()->add_columns();
      learnt.set_name(name);
      learnt.set_unit("%");
    }
    return grpc::Status::OK;
  };
  server.on_evaluate = [&](const v1::EvaluateModelRequest& request, v1::EvaluateModelResponse* response) {
    seen = request;
    response->mutable_evaluated()->set_version(3);
    response->add_features_without_column("Spend");
    response->add_features_without_column("town");
    response->set_conclusion("412 of 600 rows (68 %) were learnt from");
    response->mutable_target()->set_name("sales");
    response->mutable_metrics()->mutable_model()->set_rows(600);
    response->mutable_learnt_rows()->mutable_fresh()->mutable_model()->set_rows(188);
    response->mutable_learnt_rows()->mutable_learnt()->mutable_model()->set_rows(412);
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,roi\n1,2\n");
  const std::vector<std::string> arguments = {"evaluate", dir.File("in.csv"), "--roas",           "roi",
                                              "-s",       server.target(),    "--missing-values", "x"};
  const ProcessResult result = Roicast(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              StartsWith("File: UTF-8, commas, header on line 1, 2 rows\n  warning: mixed currencies\n\n"));
  EXPECT_THAT(result.output, HasSubstr("\nMetrics of sales\n  412 of 600 rows (68 %) were learnt from\n"));
  EXPECT_THAT(result.output,
              ::testing::ContainsRegex("all rows .* new .* learnt from .*\n +rows +600 +0 +188 +0 +412"));
  // They were imputed without a word.
  EXPECT_THAT(result.output, HasSubstr("  no column for \"Spend\" (did you mean \"spend\"?), \"town\": typical "
                                       "values were used\n"));
  EXPECT_THAT(
      result.output,
      ::testing::EndsWith("  warning: price: the model learnt per cent, 0.031 for 3.1 %, and cells have no %: they are "
                          "taken as they stand\n    to change it: --scale price=0.01\n"
                          "  warning: sales: the model learnt per cent, 0.031 for 3.1 %, and cells have no %: they are "
                          "taken as they stand\n    to change it: --scale sales=0.01\n"));
  EXPECT_EQ(server.uploaded(), "spend,roi\n1,2\n");
  EXPECT_EQ(server.upload_header().csv().missing_values(0), "x");
  EXPECT_EQ(seen.dataset_digest(), "digest-of-the-upload");
  EXPECT_EQ(seen.target().roas_column(), "roi");
  std::vector<std::string> as_json = arguments;
  as_json.push_back("--json");
  const nlohmann::json json = nlohmann::json::parse(Roicast(as_json).output);
  EXPECT_EQ(json["dataset"]["warnings"][0]["message"], "mixed currencies");
  EXPECT_EQ(json["unit_warnings"][0]["flags"][0], "--scale price=0.01");
  EXPECT_EQ(json["features_without_column"], nlohmann::json::parse(R"(["Spend", "town"])"));
}

// A table in another currency was measured without a word, while score and explain warned of it.
TEST(EvaluateCommand, WarnsOfAColumnThatAlwaysHadAnotherValueInTraining) {
  FakeServer server;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(reading { file { delimiter: "," header_line: 1 rows: 2 }
                   columns { name: "currency" kind: FEATURE_KIND_CATEGORICAL examples: "EUR" examples: "USD" }
                   columns { name: "rate" kind: FEATURE_KIND_NUMERIC examples: "2,50" decimal_mark: DECIMAL_MARK_COMMA }
                   columns { name: "town" kind: FEATURE_KIND_CATEGORICAL examples: "Rome" } })",
      &server.dataset));
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    for (const auto& [column, value] :
         {std::pair("currency", "EUR"), std::pair("rate", "2.5"), std::pair("town", "")}) {
      v1::LeftOutColumn& left_out = *model->mutable_report()->mutable_cleaning()->add_left_out();
      left_out.set_column(column);
      left_out.set_value(value);
    }
    return grpc::Status::OK;
  };
  server.on_evaluate = [&](const v1::EvaluateModelRequest&, v1::EvaluateModelResponse* response) {
    response->mutable_metrics()->mutable_model()->set_rows(2);
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "currency,rate,town\nEUR,2.5,Rome\n");
  const ProcessResult result = Roicast({"evaluate", dir.File("in.csv"), "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              ::testing::EndsWith("  warning: not learnt in training: currency was \"EUR\" in all rows, and is \"USD\" "
                                  "here: predictions are as if it were still \"EUR\"\n"));
  const nlohmann::json json =
      nlohmann::json::parse(Roicast({"evaluate", dir.File("in.csv"), "-s", server.target(), "--json"}).output);
  EXPECT_EQ(json["changed_constants"],
            nlohmann::json::parse(R"([{"column": "currency", "learnt": "EUR", "value": "USD"}])"));
}

}  // namespace
}  // namespace roicast::client
