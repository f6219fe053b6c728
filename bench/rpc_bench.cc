// RPC benchmarks against an echo server on the same mechanism with the same bytes, measured alternately.
//   rpc_bench [--json FILE] [--rounds N] [--seconds S] [--echo_keeps_memory] rpc_predict | rpc_stream | rpc_batch | rpc_row …
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/sha256.h"
#include "bench/campaign_artifact.h"
#include "bench/echo_server.h"
#include "bench/model_server.h"
#include "bench/report.h"
#include "bench/row_forms.h"
#include "bench/rpc_load.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::bench {
namespace {

constexpr char kPredict[] = "/roicast.v1.PredictionService/Predict";
constexpr char kBatchPredict[] = "/roicast.v1.PredictionService/BatchPredict";
constexpr char kStreamPredict[] = "/roicast.v1.PredictionService/StreamPredict";
constexpr int kBatchRows = 10000;

struct Settings {
  int rounds = 7;
  double seconds = 1.0;
};

// A server in its own process. Must be created before this process uses gRPC.
class Child {
 public:
  explicit Child(const std::function<void(int)>& serve) {
    int ends[2];
    ROICAST_CHECK(pipe(ends) == 0);
    pid_ = fork();
    ROICAST_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      close(ends[0]);
      serve(ends[1]);
      _exit(1);
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(pipe_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::string Target() {
    int port = 0;
    ROICAST_CHECK(read(pipe_, &port, sizeof(port)) == sizeof(port));
    return absl::StrCat("127.0.0.1:", port);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
};

struct Requests {
  std::string predict;
  std::string stream_predict;
  std::string matrix;
  std::string columns;
};

Requests MakeRequests(const Artifact& artifact) {
  Requests requests;
  const Schema& schema = artifact.schema;
  const std::vector<float> rows = MakeCampaignRows(schema, kBatchRows, 7);
  v1::PredictRequest predict;
  *predict.mutable_campaign() = ToCampaign(schema, rows.data());
  requests.predict = predict.SerializeAsString();
  v1::StreamPredictRequest item;
  *item.mutable_predict() = predict;
  requests.stream_predict = item.SerializeAsString();

  v1::BatchPredictRequest matrix;
  matrix.mutable_matrix()->mutable_values()->Add(rows.begin(), rows.end());
  matrix.mutable_matrix()->set_rows(kBatchRows);
  matrix.mutable_matrix()->set_schema_digest(schema.Digest());
  requests.matrix = matrix.SerializeAsString();

  v1::BatchPredictRequest columns;
  const size_t width = static_cast<size_t>(schema.size());
  for (size_t f = 0; f < width; ++f) {
    const Feature& feature = schema.features[f];
    v1::Column& column = *columns.mutable_columns()->add_columns();
    column.set_name(feature.name);
    for (size_t row = 0; row < kBatchRows; ++row) {
      const float value = rows[row * width + f];
      switch (feature.kind) {
        case FeatureKind::kNumeric:
          column.mutable_floats()->add_values(value);
          break;
        case FeatureKind::kCategorical:
          column.mutable_categories()->add_codes(static_cast<int32_t>(value));
          break;
        case FeatureKind::kTime:
          column.mutable_times()->add_unix_seconds(static_cast<int64_t>(value) * 3600);
          break;
      }
    }
    for (const std::string& word : feature.vocabulary) column.mutable_categories()->add_dictionary(word);
  }
  requests.columns = columns.SerializeAsString();
  return requests;
}

// The echo server's responses: as many bytes as the model's. A stream item's response wraps Predict's.
EchoAnswers RecordAnswers(const Artifact& artifact) {
  const std::vector<float> rows = MakeCampaignRows(artifact.schema, 1, 7);
  EchoAnswers answers;
  v1::PredictResponse predict;
  predict.mutable_served_by()->set_model("default");
  predict.mutable_served_by()->set_version(1);
  predict.mutable_served_by()->set_artifact_digest(Sha256Hex(SerializeArtifact(artifact)));
  predict.set_roi(0.5F);
  answers.predict = predict.SerializeAsString();
  v1::StreamPredictResponse item;
  *item.mutable_predict() = predict;
  answers.stream_predict = item.SerializeAsString();
  v1::BatchPredictResponse batch;
  *batch.mutable_served_by() = predict.served_by();
  for (int i = 0; i < kBatchRows; ++i) batch.add_roi(0.5F);
  answers.batch_predict = batch.SerializeAsString();
  return answers;
}

struct Case {
  std::string name;
  std::string test_case;
  std::string method;
  std::string request;
  int in_flight = 1;
  int channels = 1;
  bool stream = false;
  // Rows per call; > 1: reported as rows/s.
  int rows = 1;
  double target_rate = 0;
  double target_p99 = 0;
};

class Comparison {
 public:
  Comparison(const Settings& settings, std::string model, std::string echo, Report* report)
      : settings_(settings), model_(std::move(model)), echo_(std::move(echo)), report_(*report) {}

  void Run(const Case& c) {
    LoadClient model(model_, c.channels);
    LoadClient echo(echo_, c.channels);
    CheckSameBytes(c, model, echo);
    LoadOptions load;
    load.method = c.method;
    load.request = BytesOf(c.request);
    load.in_flight = c.in_flight;
    load.channels = c.channels;
    load.seconds = settings_.seconds;
    std::vector<double> rates, echo_rates, p99s, echo_p99s, rate_ratios, p99_ratios;
    for (int round = 0; round < settings_.rounds; ++round) {
      // Alternate which server goes first.
      LoadResult ours, theirs;
      for (int turn = 0; turn < 2; ++turn) {
        const bool our_turn = (turn == 0) == (round % 2 == 0);
        LoadClient& client = our_turn ? model : echo;
        LoadResult result = c.stream ? client.RunStream(load) : client.RunUnary(load);
        if (result.errors > 0) {
          std::fprintf(stderr, "%s: %lld errors, first: %s\n", c.test_case.c_str(),
                       static_cast<long long>(result.errors), result.first_error.c_str());
          std::exit(1);
        }
        (our_turn ? ours : theirs) = result;
      }
      rates.push_back(ours.calls_per_second * c.rows);
      echo_rates.push_back(theirs.calls_per_second * c.rows);
      p99s.push_back(ours.p99_seconds * 1e6);
      echo_p99s.push_back(theirs.p99_seconds * 1e6);
      rate_ratios.push_back(ours.calls_per_second / theirs.calls_per_second);
      p99_ratios.push_back(theirs.p99_seconds / ours.p99_seconds);
    }
    report_.Add({.name = c.name,
                 .test_case = c.test_case,
                 .value = Median(rates),
                 .unit = c.rows > 1 ? "rows/s"
                         : c.stream ? "items/s"
                                    : "calls/s",
                 .peer = "echo",
                 .peer_value = Median(echo_rates),
                 .ratio = Median(rate_ratios),
                 .target_ratio = c.target_rate});
    report_.Add({.name = c.name,
                 .test_case = c.test_case + ", p99",
                 .value = Median(p99s),
                 .unit = "us",
                 .peer = "echo",
                 .peer_value = Median(echo_p99s),
                 .ratio = Median(p99_ratios),
                 .target_ratio = c.target_p99});
  }

 private:
  static void CheckSameBytes(const Case& c, LoadClient& model, LoadClient& echo) {
    if (c.stream) return;
    grpc::ByteBuffer ours, theirs;
    const grpc::Status status = model.Call(c.method, BytesOf(c.request), &ours);
    if (!status.ok()) {
      std::fprintf(stderr, "%s: %s\n", c.test_case.c_str(), status.error_message().c_str());
      std::exit(1);
    }
    ROICAST_CHECK(echo.Call(c.method, BytesOf(c.request), &theirs).ok());
    if (ours.Length() != theirs.Length()) {
      std::fprintf(stderr, "%s: the model server responds with %zu bytes, the echo server with %zu\n",
                   c.test_case.c_str(), ours.Length(), theirs.Length());
      std::exit(1);
    }
  }

  const Settings settings_;
  const std::string model_;
  const std::string echo_;
  Report& report_;
};

std::vector<Case> Cases(const Requests& requests) {
  const double p99 = 1 / 1.25;
  std::vector<Case> cases;
  for (const auto& [in_flight, channels] : {std::pair(1, 1), {16, 1}, {64, 4}}) {
    cases.push_back({.name = "rpc_predict",
                     .test_case = absl::StrCat("campaign, ", in_flight, " in flight, ", channels, " channels"),
                     .method = kPredict,
                     .request = requests.predict,
                     .in_flight = in_flight,
                     .channels = channels,
                     .target_rate = 0.85,
                     .target_p99 = p99});
    cases.push_back({.name = "rpc_stream",
                     .test_case = absl::StrCat("campaign, ", in_flight, " in flight, ", channels, " streams"),
                     .method = kStreamPredict,
                     .request = requests.stream_predict,
                     .in_flight = in_flight,
                     .channels = channels,
                     .stream = true,
                     .target_rate = 0.8});
  }
  for (const int in_flight : {1, 4}) {
    cases.push_back({.name = "rpc_batch",
                     .test_case = absl::StrCat("dense 10,000 x 20, ", in_flight, " in flight"),
                     .method = kBatchPredict,
                     .request = requests.matrix,
                     .in_flight = in_flight,
                     .rows = kBatchRows,
                     .target_rate = 0.6});
    cases.push_back({.name = "rpc_batch",
                     .test_case = absl::StrCat("columns 10,000 x 20, ", in_flight, " in flight"),
                     .method = kBatchPredict,
                     .request = requests.columns,
                     .in_flight = in_flight,
                     .rows = kBatchRows});
  }
  return cases;
}

int Main(int argc, char** argv) {
  CLI::App app("Compares the server's RPCs with an echo server on the same mechanism.");
  std::string json;
  std::string only;
  std::vector<std::string> names;
  Settings settings;
  app.add_option("--json", json, "append one JSON object per line to this file");
  app.add_option("--rounds", settings.rounds, "number of rounds; the median is reported")->capture_default_str();
  app.add_option("--seconds", settings.seconds, "duration of each measurement")->capture_default_str();
  bool keep_memory = false;
  app.add_flag("--echo_keeps_memory", keep_memory, "run the echo server with the memory settings of roicast's process");
  app.add_option("--case", only, "run only cases whose name contains this");
  app.add_option("names", names, "rpc_predict, rpc_stream, rpc_batch, rpc_row");
  CLI11_PARSE(app, argc, argv);
  if (names.empty()) names = {"rpc_predict", "rpc_stream", "rpc_batch", "rpc_row"};

  const Artifact artifact = MakeCampaignArtifact(1);
  const std::string bytes = SerializeArtifact(artifact);
  const Requests requests = MakeRequests(artifact);
  std::string folder = (std::filesystem::temp_directory_path() / "roicast-bench-XXXXXX").string();
  ROICAST_CHECK(mkdtemp(folder.data()) != nullptr);
  {
    Child model_child([&](int fd) { RunModelServer(bytes, folder, fd); });
    const EchoAnswers answers = RecordAnswers(artifact);
    Child echo_child([&](int fd) { RunEchoServer(answers, keep_memory, fd); });
    const std::string model = model_child.Target();
    const std::string echo = echo_child.Target();
    if (getenv("ROICAST_BENCH_PIDS") != nullptr) std::printf("model %d echo %d\n", model_child.pid(), echo_child.pid());
    Report report(json);
    Comparison comparison(settings, model, echo, &report);
    for (const Case& c : Cases(requests)) {
      if (std::find(names.begin(), names.end(), c.name) == names.end()) continue;
      if (c.test_case.find(only) == std::string::npos) continue;
      comparison.Run(c);
    }
    if (std::find(names.begin(), names.end(), "rpc_row") != names.end()) {
      CompareRowForms({.server = model, .rounds = settings.rounds, .seconds = settings.seconds}, artifact.schema,
                      &report);
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) { return roicast::bench::Main(argc, argv); }
