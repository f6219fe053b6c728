// The tables of docs/errors.md and docs/operations.md against a real server: each reason and each cause that they list
// is provoked, and the answer has the code that they say. A cause without a proof here fails the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/model_client.h"
#include "client/status.h"
#include "tests/integration/errors_fixture.h"

namespace roicast::testing {
namespace {

// The cells of the rows whose first cell is a code in backticks.
std::vector<std::vector<std::string>> TableRows(const std::string& page, const std::string& heading) {
  const std::string text = ReadFileOrEmpty(absl::StrCat(ROICAST_DOCS_FOLDER, "/", page));
  const size_t begin = text.find(heading);
  EXPECT_NE(begin, std::string::npos) << page << ": " << heading;
  std::vector<std::vector<std::string>> rows;
  const std::string section = text.substr(begin, text.find("\n## ", begin + heading.size()) - begin);
  for (const absl::string_view line : absl::StrSplit(section, '\n')) {
    if (!absl::StartsWith(line, "| `")) continue;
    std::vector<std::string> cells;
    for (const absl::string_view cell : absl::StrSplit(line, " | ")) {
      cells.emplace_back(absl::StripAsciiWhitespace(absl::StripPrefix(absl::StripSuffix(cell, " |"), "| ")));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::string WithoutTicks(absl::string_view text) {
  return std::string(absl::StripPrefix(absl::StripSuffix(text, "`"), "`"));
}

class DocumentedCodes : public Errors {
 protected:
  absl::Status Predict(const std::string& model, int64_t version = 0) {
    auto request = CampaignRequest();
    request.mutable_model()->set_name(model);
    request.mutable_model()->set_version(version);
    return api_->Predict(request).status();
  }
  absl::Status Matrix(const std::string& schema_digest) {
    v1::BatchPredictRequest request;
    request.mutable_matrix()->set_rows(1);
    for (int i = 0; i < 20; ++i) request.mutable_matrix()->add_values(1);
    request.mutable_matrix()->set_schema_digest(schema_digest);
    return api_->BatchPredict(request).status();
  }
  absl::Status SpendOf(double spend) {
    auto request = CampaignRequest();
    request.mutable_campaign()->set_spend(spend);
    return api_->Predict(request).status();
  }
  absl::Status Create(const std::string& dataset) {
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = QuickSpec(dataset);
    return api_->Create(request).status();
  }
  absl::Status Resume(const std::string& job) {
    v1::CreateTrainingJobRequest request;
    request.set_resume_job(job);
    return api_->Create(request).status();
  }
  absl::Status RequestIdOfAnotherSpec() {
    const auto dataset = api_->Upload(ClicksCsv(300));
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = QuickSpec(dataset.ok() ? dataset->digest() : "", "clicks");
    request.mutable_spec()->mutable_target()->set_revenue_column("revenue");
    request.mutable_spec()->mutable_target()->set_spend_column("cost");
    request.set_request_id("nightly");
    const auto first = api_->Create(request);
    EXPECT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(api_->WaitForJob(first.ok() ? first->id() : "")->state(), v1::JOB_STATE_SUCCEEDED);
    request.mutable_spec()->set_model("other");
    return api_->Create(request).status();
  }
  // A job that has succeeded.
  std::string EndedJob() {
    v1::ListTrainingJobsRequest request;
    request.set_model("default");
    v1::ListTrainingJobsResponse response;
    grpc::ClientContext context;
    SetDeadline(context);
    EXPECT_TRUE(api_->training().ListTrainingJobs(&context, request, &response).ok());
    return response.jobs_size() == 0 ? "" : response.jobs(0).id();
  }
  absl::Status CampaignForAnotherSchema() {
    static const bool trained = [this] {
      const auto dataset = api_->Upload(ClicksCsv(300));
      if (!dataset.ok()) return false;
      v1::CreateTrainingJobRequest request;
      *request.mutable_spec() = QuickSpec(dataset->digest(), "clicks");
      request.mutable_spec()->mutable_target()->set_revenue_column("revenue");
      request.mutable_spec()->mutable_target()->set_spend_column("cost");
      const auto job = api_->Create(request);
      return job.ok() && api_->WaitForJob(job->id())->state() == v1::JOB_STATE_SUCCEEDED;
    }();
    EXPECT_TRUE(trained);
    return Predict("clicks");
  }
  // Trained on too few rows for a calibration.
  absl::Status IntervalWithoutCalibration() {
    static const bool trained = [this] {
      const auto dataset = api_->Upload(ClicksCsv(25));
      if (!dataset.ok()) return false;
      v1::CreateTrainingJobRequest request;
      *request.mutable_spec() = QuickSpec(dataset->digest(), "few");
      request.mutable_spec()->mutable_target()->set_revenue_column("revenue");
      request.mutable_spec()->mutable_target()->set_spend_column("cost");
      const auto job = api_->Create(request);
      return job.ok() && api_->WaitForJob(job->id())->state() == v1::JOB_STATE_SUCCEEDED;
    }();
    EXPECT_TRUE(trained);
    v1::BatchPredictRequest request = TwoColumns(1, 1);
    request.mutable_model()->set_name("few");
    request.mutable_model()->set_version(1);
    request.mutable_columns()->mutable_columns(0)->set_name("cost");
    request.mutable_columns()->mutable_columns()->RemoveLast();
    request.mutable_uncertainty()->set_interval_level(0.9);
    return api_->BatchPredict(request).status();
  }
  // The second version of a model has another schema than the first.
  absl::Status RefusedVersion() {
    EXPECT_EQ(CampaignForAnotherSchema().code(), absl::StatusCode::kFailedPrecondition);
    for (const char* model : {"default", "clicks"}) {
      const auto bytes = api_->Export(model);
      EXPECT_TRUE(bytes.ok()) << bytes.status();
      EXPECT_TRUE(api_->Import("mixed", *bytes).ok());
    }
    return api_->Serve("mixed", 2).status();
  }
  // One job runs and one waits, which is the limit.
  absl::Status QueueOneJobTooMany() {
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = QuickSpec(*digest_, "queued");
    request.mutable_spec()->mutable_training()->set_epochs(100000);
    request.mutable_spec()->mutable_training()->set_patience(0);
    absl::Status refused;
    std::vector<std::string> ids;
    for (int i = 0; i < 3 && refused.ok(); ++i) {
      const auto job = api_->Create(request);
      refused = job.status();
      if (job.ok()) ids.push_back(job->id());
    }
    std::reverse(ids.begin(), ids.end());
    for (const std::string& id : ids) EXPECT_TRUE(api_->Cancel(id).ok());
    for (const std::string& id : ids) EXPECT_TRUE(api_->WaitForJob(id).ok());
    return refused;
  }
  // A client that sends one large batch after the other takes the only place again and again.
  static absl::Status OneCallTooMany() {
    const TempDir folder;
    auto server = ServerProcess::Start(folder.File("store"), {"--max_in_flight", "1"});
    EXPECT_TRUE(server.ok()) << server.status();
    Api api(server->NewChannel());
    std::atomic<bool> enough{false};
    std::thread busy([&] {
      Api other(server->NewChannel());
      v1::BatchPredictRequest request;
      v1::Column& column = *request.mutable_columns()->add_columns();
      for (int i = 0; i < 400000; ++i) column.mutable_times()->add_unix_seconds(1600000000 + i);
      while (!enough) other.BatchPredict(request).status().IgnoreError();
    });
    absl::Status refused;
    for (const absl::Time end = absl::Now() + absl::Seconds(60); absl::Now() < end;) {
      refused = api.Predict(CampaignRequest()).status();
      if (absl::IsResourceExhausted(refused)) break;
    }
    enough = true;
    busy.join();
    return refused;
  }
  static absl::Status WithoutModel() {
    const TempDir folder;
    auto server = ServerProcess::Start(folder.File("store"), {});
    EXPECT_TRUE(server.ok()) << server.status();
    return Api(server->NewChannel()).Predict(CampaignRequest()).status();
  }
  // The server has a store of its own for it.
  static absl::Status DatasetWithoutItsFile() {
    const TempDir folder;
    auto server = ServerProcess::Start(folder.File("store"), {});
    EXPECT_TRUE(server.ok()) << server.status();
    Api api(server->NewChannel());
    const auto dataset = api.Upload(CampaignCsv(100));
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    std::filesystem::remove(absl::StrCat(folder.File("store"), "/datasets/", dataset->digest(), ".csv"));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::InspectDatasetRequest request;
    *request.mutable_spec() = QuickSpec(dataset->digest());
    v1::InspectDatasetResponse response;
    return FromGrpc(api.training().InspectDataset(&context, request, &response));
  }
  absl::Status DamagedArtifact() {
    auto bytes = api_->Export();
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    (*bytes)[bytes->size() / 2] ^= 1;
    return api_->Import("damaged", *bytes).status();
  }
  absl::Status UnknownService() {
    client::ChannelOptions options;
    options.target = server_->target();
    return client::ModelClient(*client::ChannelPool::Create(options)).CheckHealth("no.such.Service").status();
  }
  absl::Status Expired() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() - std::chrono::seconds(1));
    v1::PredictResponse response;
    return FromGrpc(api_->prediction().Predict(&context, CampaignRequest(), &response));
  }
  absl::Status Disconnected() {
    grpc::ClientContext context;
    context.TryCancel();
    v1::PredictResponse response;
    return FromGrpc(api_->prediction().Predict(&context, CampaignRequest(), &response));
  }
  absl::Status TooManyRequestBytes() {
    v1::BatchPredictRequest request = TwoColumns(1, 1);
    request.mutable_columns()->mutable_columns(0)->mutable_doubles()->mutable_values()->Resize((64 << 20) / 8 + 1, 1);
    return api_->BatchPredict(request).status();
  }
};

TEST_F(DocumentedCodes, EveryReasonComesWithItsCodeAndMetadata) {
  const std::map<std::string, std::function<absl::Status()>> provoke = {
      {"MODEL_NOT_FOUND", [this] { return Predict("nowhere"); }},
      {"VERSION_NOT_FOUND", [this] { return Predict("default", 99); }},
      {"NO_VERSION_READY", &WithoutModel},
      {"SCHEMA_MISMATCH", [this] { return Matrix(std::string(64, 'a')); }},
      {"CAMPAIGNS_NOT_SUPPORTED", [this] { return CampaignForAnotherSchema(); }},
      {"NO_CALIBRATION", [this] { return IntervalWithoutCalibration(); }},
      {"SERVER_OVERLOADED", &OneCallTooMany},
      {"REQUEST_TOO_LARGE", [this] { return api_->BatchPredict(TwoColumns(5001, 5001)).status(); }},
      {"JOB_NOT_FOUND", [this] { return api_->GetJob("job-999999").status(); }},
      {"JOB_NOT_RESUMABLE", [this] { return Resume(EndedJob()); }},
      {"REQUEST_ID_USED", [this] { return RequestIdOfAnotherSpec(); }},
      {"DATASET_NOT_FOUND", [this] { return Create(std::string(64, '0')); }},
      {"SERVICE_NOT_FOUND", [this] { return UnknownService(); }},
      {"VERSION_REFUSED", [this] { return RefusedVersion(); }},
  };
  // By other tests, which damage or fill a store, stop a server, or make an artifact as training does not:
  // model_registry_test.cc, bad_days_test.cc, explain_test.cc, curve_test.cc.
  const std::set<std::string> elsewhere = {"VERSION_NOT_LOADABLE", "SERVER_DRAINING", "STORE_FULL", "NO_BACKGROUND",
                                           "NOT_AN_ROI"};
  int rows = 0;
  for (const std::vector<std::string>& cells : TableRows("errors.md", "# Errors")) {
    ASSERT_EQ(cells.size(), 5u) << cells[0];
    const std::string reason = WithoutTicks(cells[0]);
    ++rows;
    if (elsewhere.count(reason) > 0) continue;
    const auto found = provoke.find(reason);
    if (found == provoke.end()) {
      ADD_FAILURE() << "docs/errors.md lists a reason that this test does not provoke: " << reason;
      continue;
    }
    const absl::Status status = found->second();
    EXPECT_EQ(v1::ErrorReason_Name(client::ReasonOf(status)), reason) << status;
    EXPECT_EQ(absl::StatusCodeToString(status.code()), WithoutTicks(cells[1])) << status;
    for (const absl::string_view key : absl::StrSplit(cells[4], ", ")) {
      if (key == "none") continue;
      EXPECT_NE(client::ErrorMetadata(status, WithoutTicks(key)), "") << reason << " " << key;
    }
  }
  EXPECT_GE(rows, 14);
}

// The page said INVALID_ARGUMENT for the schema digest of another version.
TEST_F(DocumentedCodes, EveryCauseComesWithItsCode) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto unknown_column = [this] {
    auto request = TwoColumns(2, 2);
    request.mutable_columns()->mutable_columns(1)->set_name("prise");
    return api_->BatchPredict(request).status();
  };
  const std::map<std::string, std::function<absl::Status()>> provoke = {
      {"INVALID_ARGUMENT: unknown column", unknown_column},
      {"INVALID_ARGUMENT: NaN", [this, nan] { return SpendOf(nan); }},
      {"INVALID_ARGUMENT: value outside its allowed range", [this] { return SpendOf(-5); }},
      {"INVALID_ARGUMENT: different lengths", [this] { return api_->BatchPredict(TwoColumns(3, 2)).status(); }},
      {"INVALID_ARGUMENT: no schema digest", [this] { return Matrix(""); }},
      {"INVALID_ARGUMENT: a file that is not an artifact", [this] { return api_->Import("x", "a,b\n1,2\n").status(); }},
      {"NOT_FOUND: model", [this] { return Predict("nowhere"); }},
      {"NOT_FOUND: version", [this] { return Predict("default", 99); }},
      {"NOT_FOUND: job", [this] { return api_->GetJob("job-999999").status(); }},
      {"NOT_FOUND: dataset", [this] { return Create(std::string(64, '0')); }},
      {"NOT_FOUND: service", [this] { return UnknownService(); }},
      {"ALREADY_EXISTS: request_id of a job with another spec", [this] { return RequestIdOfAnotherSpec(); }},
      {"FAILED_PRECONDITION: no version ready", &WithoutModel},
      {"FAILED_PRECONDITION: the schema digest of another version", [this] { return Matrix(std::string(64, 'a')); }},
      {"FAILED_PRECONDITION: campaigns for a schema of your own", [this] { return CampaignForAnotherSchema(); }},
      {"FAILED_PRECONDITION: a job that cannot be resumed", [this] { return Resume(EndedJob()); }},
      {"FAILED_PRECONDITION: a version that the rule for serving refuses", [this] { return RefusedVersion(); }},
      {"RESOURCE_EXHAUSTED: rows", [this] { return api_->BatchPredict(TwoColumns(5001, 5001)).status(); }},
      {"RESOURCE_EXHAUSTED: request bytes", [this] { return TooManyRequestBytes(); }},
      {"RESOURCE_EXHAUSTED: dataset bytes", [this] { return api_->Upload(std::string(1000001, 'x')).status(); }},
      {"RESOURCE_EXHAUSTED: calls in flight", &OneCallTooMany},
      {"RESOURCE_EXHAUSTED: queued jobs", [this] { return QueueOneJobTooMany(); }},
      {"DEADLINE_EXCEEDED: deadline passed", [this] { return Expired(); }},
      {"CANCELLED: client disconnected", [this] { return Disconnected(); }},
      {"DATA_LOSS: wrong checksum of an artifact", [this] { return DamagedArtifact(); }},
      {"DATA_LOSS: file of a dataset gone", &DatasetWithoutItsFile},
  };
  // What needs a full disk, a race, a defect or bytes that no client library sends is tested where that can be
  // arranged: disk_full_test.cc, bad_days_test.cc, job_store_test.cc, golden_rows_test.cc, client_bounds_test.cc.
  const std::set<std::string> elsewhere = {
      "RESOURCE_EXHAUSTED: disk space",        "UNAVAILABLE: shutting down",
      "DATA_LOSS: golden rows not reproduced", "ABORTED: race for the same job",
      "INTERNAL: defect in roicast",           "INTERNAL: message cut short or not compressed as it says",
  };
  size_t proven = 0;
  for (const std::vector<std::string>& cells : TableRows("operations.md", "## Error codes")) {
    const std::string code = WithoutTicks(cells[0]);
    const size_t colon = cells[1].find(": ");
    ASSERT_NE(colon, std::string::npos) << cells[1];
    for (const absl::string_view cause : absl::StrSplit(cells[1].substr(colon + 2), ", ")) {
      const std::string claim = absl::StrCat(code, ": ", cause);
      if (elsewhere.count(claim) > 0) continue;
      const auto found = provoke.find(claim);
      if (found == provoke.end()) {
        ADD_FAILURE() << "docs/operations.md lists a cause that this test does not provoke: " << claim;
        continue;
      }
      const absl::Status status = found->second();
      EXPECT_EQ(absl::StatusCodeToString(status.code()), code) << claim << ": " << status;
      if (code == "RESOURCE_EXHAUSTED") {
        EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("(the server's --")) << claim;
      }
      ++proven;
    }
  }
  EXPECT_EQ(proven, provoke.size()) << "the page has lost a cause";
}

}  // namespace
}  // namespace roicast::testing
