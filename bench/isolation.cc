// Predict's p99 while a training job runs, compared with the same server's p99 without one, measured alternately.
//   isolation [--json FILE] [--rounds N] [--seconds S]
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "bench/report.h"
#include "bench/rpc_load.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/campaign_generator.h"
#include "roicast/v1/prediction.pb.h"
#include "roicast/v1/training.grpc.pb.h"

namespace roicast::bench {
namespace {

constexpr int kRows = 20000;

// The real roicast-server, on ports that the system chooses.
class ServerProcess {
 public:
  explicit ServerProcess(const std::string& folder) : port_file_(folder + "/ports.json") {
    const std::string store = folder + "/store";
    pid_ = fork();
    ROICAST_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      execl(ROICAST_SERVER_BINARY, "roicast-server", "--store", store.c_str(), "--listen", "127.0.0.1:0",
            "--http_listen", "127.0.0.1:0", "--port_file", port_file_.c_str(), "--lame_duck", "0s", "--log_level",
            "error", nullptr);
      _exit(127);
    }
    while (!std::filesystem::exists(port_file_)) {
      ROICAST_CHECK(waitpid(pid_, nullptr, WNOHANG) == 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  ~ServerProcess() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::string target() const {
    std::ifstream file(port_file_);
    return absl::StrCat("127.0.0.1:", nlohmann::json::parse(file)["grpc_port"].get<int>());
  }

 private:
  const std::string port_file_;
  pid_t pid_ = -1;
};

void CheckOk(const grpc::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "isolation: %s\n", status.error_message().c_str());
  std::exit(1);
}

std::string MakeCsv() {
  auto generator = client::CampaignGenerator::Create({});
  ROICAST_CHECK(generator.ok());
  std::string csv;
  client::AppendCampaignHeader(false, &csv);
  for (int i = 0; i < kRows; ++i) client::AppendCampaignRow(generator->Next(), false, &csv);
  return csv;
}

class Training {
 public:
  explicit Training(const std::string& target)
      : stub_(v1::TrainingService::NewStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()))) {}

  std::string Upload(const std::string& csv) {
    grpc::ClientContext context;
    v1::Dataset dataset;
    const auto writer = stub_->UploadDataset(&context, &dataset);
    v1::UploadDatasetRequest part;
    part.mutable_header()->set_display_name("isolation");
    writer->Write(part);
    for (size_t begin = 0; begin < csv.size(); begin += 1 << 20) {
      part.set_csv(csv.substr(begin, 1 << 20));
      writer->Write(part);
    }
    writer->WritesDone();
    CheckOk(writer->Finish());
    return dataset.digest();
  }
  std::string Start(const std::string& dataset, int epochs) {
    grpc::ClientContext context;
    v1::CreateTrainingJobRequest request;
    request.mutable_spec()->set_dataset_digest(dataset);
    request.mutable_spec()->set_preset(v1::PRESET_CLASSIC);
    request.mutable_spec()->mutable_training()->set_epochs(epochs);
    v1::TrainingJob job;
    CheckOk(stub_->CreateTrainingJob(&context, request, &job));
    return job.id();
  }
  void WaitUntil(const std::string& id, const std::function<bool(const v1::TrainingJob&)>& done) {
    grpc::ClientContext context;
    v1::WatchTrainingJobRequest request;
    request.set_id(id);
    const auto reader = stub_->WatchTrainingJob(&context, request);
    v1::TrainingJob job;
    while (reader->Read(&job)) {
      if (job.state() == v1::JOB_STATE_FAILED) {
        std::fprintf(stderr, "isolation: %s\n", job.error().message().c_str());
        std::exit(1);
      }
      if (done(job)) break;
    }
    context.TryCancel();
    reader->Finish();
  }
  void Cancel(const std::string& id) {
    grpc::ClientContext context;
    v1::CancelTrainingJobRequest request;
    request.set_id(id);
    v1::TrainingJob job;
    CheckOk(stub_->CancelTrainingJob(&context, request, &job));
    WaitUntil(id, [](const v1::TrainingJob& now) { return now.state() == v1::JOB_STATE_CANCELLED; });
  }

 private:
  const std::unique_ptr<v1::TrainingService::Stub> stub_;
};

int Main(int argc, char** argv) {
  CLI::App app("Measures Predict's tail latency with and without a training job.");
  std::string json;
  int rounds = 7;
  double seconds = 1.5;
  app.add_option("--json", json, "append one JSON object per line to this file");
  app.add_option("--rounds", rounds, "number of rounds; the median is reported")->capture_default_str();
  app.add_option("--seconds", seconds, "duration of each measurement")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::string folder = (std::filesystem::temp_directory_path() / "roicast-bench-XXXXXX").string();
  ROICAST_CHECK(mkdtemp(folder.data()) != nullptr);
  {
    ServerProcess server(folder);
    Training training(server.target());
    const std::string dataset = training.Upload(MakeCsv());
    training.WaitUntil(training.Start(dataset, 2),
                       [](const v1::TrainingJob& job) { return job.state() == v1::JOB_STATE_SUCCEEDED; });
    v1::PredictRequest request;
    request.mutable_campaign()->set_spend(500);
    request.mutable_campaign()->set_price(30);
    request.mutable_campaign()->set_channel("search");
    Report report(json);
    for (const int in_flight : {1, 16}) {
      LoadClient client(server.target(), 1);
      LoadOptions load;
      load.method = "/roicast.v1.PredictionService/Predict";
      load.request = BytesOf(request.SerializeAsString());
      load.in_flight = in_flight;
      load.seconds = seconds;
      std::vector<double> idle, busy, ratios;
      for (int round = 0; round < rounds; ++round) {
        const LoadResult alone = client.RunUnary(load);
        const std::string job = training.Start(dataset, 100000);
        training.WaitUntil(job, [](const v1::TrainingJob& now) { return now.progress().has_last_epoch(); });
        const LoadResult loaded = client.RunUnary(load);
        training.Cancel(job);
        ROICAST_CHECK(alone.errors == 0 && loaded.errors == 0);
        idle.push_back(alone.p99_seconds * 1e6);
        busy.push_back(loaded.p99_seconds * 1e6);
        ratios.push_back(alone.p99_seconds / loaded.p99_seconds);
      }
      report.Add({.name = "isolation",
                  .test_case = absl::StrCat("p99 while training, ", in_flight, " in flight"),
                  .value = Median(busy),
                  .unit = "us",
                  .peer = "idle",
                  .peer_value = Median(idle),
                  .ratio = Median(ratios),
                  .target_ratio = 1 / 1.25});
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) { return roicast::bench::Main(argc, argv); }
