// Failures in operation: kill -9, two servers on one store, ports in use, full disks, shutdown under load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "client/status.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/fixture.h"
#include "tests/server/transport/http/http_client.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class BadDays : public ::testing::Test {
 protected:
  std::string store() const { return folder_.File("store"); }
  TempDir folder_;
};

TEST_F(BadDays, AfterKillNineEveryPublishedVersionLoadsAndTheJobIsInterrupted) {
  Random random(5);
  int64_t published = 0;
  std::string running_job;
  for (int round = 0; round < 5; ++round) {
    auto server = ServerProcess::Start(store());
    ASSERT_TRUE(server.ok()) << server.status();
    Api api(server->NewChannel());
    if (!running_job.empty()) {
      const auto job = api.GetJob(running_job);
      ASSERT_TRUE(job.ok()) << job.status();
      EXPECT_THAT(job->state(), AnyOf(v1::JOB_STATE_INTERRUPTED, v1::JOB_STATE_SUCCEEDED));
    }
    for (int64_t version = 1; version <= published; ++version) {
      v1::PredictRequest request;
      *request.mutable_campaign() = SomeCampaign();
      request.mutable_model()->set_version(version);
      const auto response = api.Predict(request);
      EXPECT_TRUE(response.ok()) << "version " << version << ": " << response.status();
    }
    const auto job = TrainCampaignModel(api, 300);
    ASSERT_TRUE(job.ok()) << job.status();
    EXPECT_GT(job->version(), published);
    published = job->version();
    // Start another job and kill the server at a random point of it.
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = job->spec();
    request.mutable_spec()->mutable_training()->set_epochs(200);
    const auto next = api.Create(request);
    ASSERT_TRUE(next.ok()) << next.status();
    running_job = next->id();
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchTrainingJobRequest watch;
    watch.set_id(running_job);
    auto reader = api.training().WatchTrainingJob(&context, watch);
    v1::TrainingJob state;
    const int until = static_cast<int>(random.Below(200));
    while (reader->Read(&state) && state.progress().last_epoch().epoch() < until) {
    }
    server->process().Signal(SIGKILL);
    ASSERT_TRUE(server->process().Wait(absl::Seconds(20)).ok());
    context.TryCancel();
  }
}

TEST_F(BadDays, ASecondServerOnTheStoreIsRejectedAndTheFirstKeepsRunning) {
  auto first = ServerProcess::Start(store());
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = ServerProcess::Start(store());
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(absl::StrCat(first->process().pid())));
  EXPECT_TRUE(first->process().running());
}

TEST_F(BadDays, APortInUseIsReportedInOneLine) {
  auto first = ServerProcess::Start(store());
  ASSERT_TRUE(first.ok()) << first.status();
  for (const auto& [flag, port] : {std::pair<std::string, int>{"--listen", first->grpc_port()},
                                   std::pair<std::string, int>{"--http_listen", first->http_port()}}) {
    const auto second = ServerProcess::Start(folder_.File("other"), {flag, absl::StrCat("127.0.0.1:", port)});
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(std::string(second.status().message()), HasSubstr(absl::StrCat(port)));
    EXPECT_THAT(std::string(second.status().message()), Not(HasSubstr("code 0:")));
  }
}

// The port accepted nothing more for good after that, and /readyz went on saying ready.
TEST_F(BadDays, ReadinessFailsWhileDescriptorsRunOutAndRecovers) {
  auto server = ServerProcess::Start(store());
  ASSERT_TRUE(server.ok()) << server.status();
  RawConnection http(server->http_port());
  const auto readiness = [&http] {
    http.Write("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
    return http.ReadAnswer();
  };
  // An answer is shared for a moment.
  const auto readiness_after = [&](absl::string_view before) {
    std::string answer;
    for (const absl::Time until = absl::Now() + absl::Seconds(30); absl::Now() < until;) {
      answer = readiness();
      if (!absl::StartsWith(answer, before)) break;
    }
    return answer;
  };
  EXPECT_THAT(readiness(), StartsWith("HTTP/1.1 200 OK\r\n"));

  const int pid = static_cast<int>(server->process().pid());
  rlimit before{};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, nullptr, &before), 0);
  // As many as are open, and so none more.
  rlimit none = before;
  none.rlim_cur = 1;
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &none, nullptr), 0);
  EXPECT_THAT(readiness_after("HTTP/1.1 200 "),
              AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                    EndsWith(absl::StrCat("not ready: a call through 127.0.0.1:", server->grpc_port(),
                                          " failed: no socket: Too many open files\n"))));
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &before, nullptr), 0);
  EXPECT_THAT(readiness_after("HTTP/1.1 503 "), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(BadDays, AStoreThatCannotBeADirectoryIsReported) {
  std::ofstream(folder_.File("file")) << "not a folder";
  const auto server = ServerProcess::Start(folder_.File("file"));
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(std::string(server.status().message()), HasSubstr(folder_.File("file")));
  const auto unwritable = ServerProcess::Start("/proc/roicast-store");
  ASSERT_FALSE(unwritable.ok());
}

TEST_F(BadDays, AFileThatIsNotADatabaseIsRejectedAndNotChanged) {
  std::filesystem::create_directories(store());
  const std::string garbage(8192, 'x');
  std::ofstream(store() + "/roicast.db") << garbage;
  const auto server = ServerProcess::Start(store());
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("roicast.db"));
  EXPECT_EQ(ReadFileOrEmpty(store() + "/roicast.db"), garbage);
}

TEST_F(BadDays, UnknownAndInvalidFlagsAreReported) {
  const auto unknown = RunProcess({ServerBinary(), "--no_such_flag"});
  ASSERT_TRUE(unknown.ok()) << unknown.status();
  EXPECT_NE(unknown->exit_code, 0);
  EXPECT_THAT(unknown->errors + unknown->output, HasSubstr("no_such_flag"));
  const auto wrong = RunProcess({ServerBinary(), "--store", store(), "--max_batch_rows", "-3"});
  ASSERT_TRUE(wrong.ok()) << wrong.status();
  EXPECT_NE(wrong->exit_code, 0);
  EXPECT_THAT(wrong->errors + wrong->output, HasSubstr("max_batch_rows"));
  const auto environment =
      RunProcess({ServerBinary(), "--store", store()}, absl::Seconds(30), {"ROICAST_MAX_BATCH_ROWS=many"});
  ASSERT_TRUE(environment.ok()) << environment.status();
  EXPECT_NE(environment->exit_code, 0);
  EXPECT_THAT(environment->errors + environment->output, HasSubstr("many"));
  EXPECT_THAT(environment->errors + environment->output, HasSubstr("ROICAST_MAX_BATCH_ROWS: "));
}

TEST_F(BadDays, AFullDiskWhilePublishingLosesNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to mount a small file system";
  const std::string disk = folder_.File("disk");
  std::filesystem::create_directories(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=3m") != 0) GTEST_SKIP() << "cannot mount a tmpfs here";
  struct Unmount {
    std::string path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{disk};
  {
    auto server = ServerProcess::Start(disk);
    ASSERT_TRUE(server.ok()) << server.status();
    Api api(server->NewChannel());
    const auto good = TrainCampaignModel(api, 300);
    ASSERT_TRUE(good.ok()) << good.status();
    std::ofstream(disk + "/filler") << std::string(16 << 20, 'f');
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = good->spec();
    request.mutable_spec()->mutable_network()->clear_hidden();
    request.mutable_spec()->mutable_network()->add_hidden(2000);
    request.mutable_spec()->mutable_training()->set_epochs(1);
    request.mutable_spec()->mutable_training()->set_warmup_epochs(0);
    const auto created = api.Create(request);
    if (created.ok()) {
      const auto job = api.WaitForJob(created->id());
      ASSERT_TRUE(job.ok()) << job.status();
      EXPECT_EQ(job->state(), v1::JOB_STATE_FAILED);
      EXPECT_EQ(job->error().code(), 8) << job->error().message();
    } else {
      EXPECT_EQ(client::ReasonOf(created.status()), v1::STORE_FULL) << created.status();
    }
    v1::PredictRequest predict;
    *predict.mutable_campaign() = SomeCampaign();
    const auto response = api.Predict(predict);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->served_by().version(), 1);
    const auto upload = api.Upload(CampaignCsv(3000, 3));
    EXPECT_EQ(client::ReasonOf(upload.status()), v1::STORE_FULL) << upload.status();
  }
  std::filesystem::remove(disk + "/filler");
  auto server = ServerProcess::Start(disk);
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  const auto again = TrainCampaignModel(api, 300);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->version(), 2);
}

// The server did not start, and nothing predicted, until a person had made room.
TEST_F(BadDays, AServerStartsOnAFullDiskPredictsAndCatchesUpOnceThereIsRoom) {
  const std::string disk = folder_.File("disk"), filler = disk + "/filler";
  std::filesystem::create_directories(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=8m") != 0) GTEST_SKIP() << "cannot mount a tmpfs here";
  struct Unmount {
    std::string path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{disk};
  std::string id;
  {
    auto server = ServerProcess::Start(disk);
    ASSERT_TRUE(server.ok()) << server.status();
    Api api(server->NewChannel());
    const auto good = TrainCampaignModel(api, 300);
    ASSERT_TRUE(good.ok()) << good.status();
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = good->spec();
    request.mutable_spec()->mutable_training()->set_epochs(100'000);
    const auto created = api.Create(request);
    ASSERT_TRUE(created.ok()) << created.status();
    id = created->id();
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchTrainingJobRequest watch;
    watch.set_id(id);
    auto reader = api.training().WatchTrainingJob(&context, watch);
    v1::TrainingJob state;
    while (state.state() != v1::JOB_STATE_RUNNING) ASSERT_TRUE(reader->Read(&state));
    server->process().Signal(SIGKILL);
    ASSERT_TRUE(server->process().Wait(absl::Seconds(30)).ok());
  }
  // What a server that stopped on its own would have removed.
  std::filesystem::remove(disk + "/roicast.db-shm");
  std::ofstream(filler) << std::string(16 << 20, 'f');
  ASSERT_LT(std::filesystem::space(disk).available, 4096u);
  auto server = ServerProcess::Start(disk);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT(server->LogWith("until there is room"), HasSubstr("until there is room"));
  Api api(server->NewChannel());
  v1::PredictRequest predict;
  *predict.mutable_campaign() = SomeCampaign();
  const auto response = api.Predict(predict);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->served_by().version(), 1);
  int code = 0;
  EXPECT_TRUE(server->HttpGet("/readyz", &code).ok());
  EXPECT_EQ(code, 200);
  EXPECT_EQ(api.GetJob(id)->state(), v1::JOB_STATE_INTERRUPTED);
  const auto upload = api.Upload(CampaignCsv(3000, 3));
  EXPECT_EQ(client::ReasonOf(upload.status()), v1::STORE_FULL) << upload.status();
  std::filesystem::remove(filler);
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  while (server->log().find("there is room on the disk again") == std::string::npos && absl::Now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_THAT(server->log(), HasSubstr("there is room on the disk again"));
  EXPECT_EQ(api.GetJob(id)->state(), v1::JOB_STATE_INTERRUPTED);
  const auto again = TrainCampaignModel(api, 300);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->version(), 2);
}

TEST_F(BadDays, ShutdownUnderLoadLosesNoAcceptedRequest) {
  auto server = ServerProcess::Start(store(), {"--lame_duck", "4s", "--drain_timeout", "20s"});
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  ASSERT_TRUE(TrainCampaignModel(api, 300).ok());

  auto health = grpc::health::v1::Health::NewStub(server->NewChannel());
  grpc::ClientContext watch_context;
  SetDeadline(watch_context);
  auto watch = health->Watch(&watch_context, {});
  grpc::health::v1::HealthCheckResponse status;
  ASSERT_TRUE(watch->Read(&status));
  EXPECT_EQ(status.status(), grpc::health::v1::HealthCheckResponse::SERVING);

  std::atomic<int64_t> answered{0}, unavailable{0};
  std::atomic<bool> lost{false};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      Api own(server->NewChannel());
      v1::PredictRequest request;
      *request.mutable_campaign() = SomeCampaign();
      for (;;) {
        const auto response = own.Predict(request);
        if (response.ok()) {
          ++answered;
          continue;
        }
        if (response.status().code() == absl::StatusCode::kUnavailable) {
          ++unavailable;
        } else {
          ADD_FAILURE() << response.status();
          lost = true;
        }
        return;
      }
    });
  }
  while (answered < 200 && unavailable == 0 && !lost) std::this_thread::yield();
  server->process().Signal(SIGTERM);
  // In the lame-duck phase, the server reports NOT_SERVING but still answers calls.
  ASSERT_TRUE(watch->Read(&status));
  EXPECT_EQ(status.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  int code = 0;
  EXPECT_TRUE(server->HttpGet("/readyz", &code).ok());
  EXPECT_EQ(code, 503);
  const int64_t at_signal = answered;
  while (answered < at_signal + 100 && unavailable == 0 && !lost) std::this_thread::yield();
  EXPECT_EQ(unavailable, 0);
  for (std::thread& client : clients) client.join();
  EXPECT_FALSE(lost);
  EXPECT_EQ(unavailable, 4);
  watch_context.TryCancel();
  const auto exit_code = server->process().Wait(absl::Seconds(30));
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 0) << server->log();
}

// Regression: the size limit's signal killed the server.
TEST_F(BadDays, AWriteBeyondTheFileSizeLimitFailsAndTheServerKeepsRunning) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 1 << 20;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  auto server = ServerProcess::Start(store());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  ASSERT_TRUE(TrainCampaignModel(api, 300).ok());
  const auto upload = api.Upload(CampaignCsv(12000, 3));
  EXPECT_EQ(client::ReasonOf(upload.status()), v1::STORE_FULL) << upload.status();
  EXPECT_THAT(std::string(upload.status().message()), HasSubstr("ulimit -f"));
  v1::PredictRequest request;
  *request.mutable_campaign() = SomeCampaign();
  EXPECT_TRUE(api.Predict(request).ok());
  EXPECT_TRUE(server->process().running());
}

// The log went into the first file that was opened, which is the store's lock.
TEST_F(BadDays, AServerWithoutStandardErrorWritesItsLogNowhere) {
  const std::string ports = folder_.File("ports");
  auto process =
      Process::Start({"/bin/sh", "-c", "exec \"$@\" 2>&-", "sh", ServerBinary(), "--store", store(), "--listen",
                      "127.0.0.1:0", "--http_listen", "127.0.0.1:0", "--lame_duck", "0s", "--port_file", ports},
                     "", "");
  ASSERT_TRUE(process.ok()) << process.status();
  while (ReadFileOrEmpty(ports).empty()) {
    ASSERT_TRUE(process->running());
    absl::SleepFor(absl::Milliseconds(5));
  }
  process->Signal(SIGTERM);
  const auto code = process->Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0);
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_THAT(ReadFileOrEmpty(entry.path()), Not(HasSubstr("last value"))) << entry.path();
  }
  EXPECT_GT(files, 0);
}

TEST_F(BadDays, APortFileThatCannotBeWrittenLeavesNothingBehind) {
  const std::string ports = folder_.File("ports");
  std::filesystem::create_directory(ports);
  const auto server = ServerProcess::Start(store(), {"--port_file", ports});
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("--port_file: cannot write"));
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("ports."))) << entry.path();
  }
}

// Regression: a job in the middle of a long epoch delayed shutdown until the epoch ended.
TEST_F(BadDays, AJobInALongEpochDoesNotDelayShutdown) {
  std::string id;
  {
    auto server = ServerProcess::Start(store(), {"--drain_timeout", "0s"});
    ASSERT_TRUE(server.ok()) << server.status();
    Api api(server->NewChannel());
    const auto dataset = api.Upload(CampaignCsv(20000));
    ASSERT_TRUE(dataset.ok()) << dataset.status();
    v1::CreateTrainingJobRequest create;
    *create.mutable_spec() = QuickSpec(dataset->digest());
    v1::NetworkOptions& network = *create.mutable_spec()->mutable_network();
    network.clear_hidden();
    for (int layer = 0; layer < 3; ++layer) network.add_hidden(2000);
    const auto job = api.Create(create);
    ASSERT_TRUE(job.ok()) << job.status();
    id = job->id();
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchTrainingJobRequest watch;
    watch.set_id(id);
    auto reader = api.training().WatchTrainingJob(&context, watch);
    v1::TrainingJob state;
    while (state.progress().phase() != v1::JOB_PHASE_TRAINING) ASSERT_TRUE(reader->Read(&state));
    const auto code = server->Stop();
    ASSERT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(*code, 0);
    // Usually the former: trainers ask within an epoch whether to stop.
    EXPECT_THAT(server->log(), AnyOf(HasSubstr("training job ended job=job-000001 state=interrupted"),
                                     HasSubstr("did not reach a checkpoint in time")));
  }
  auto server = ServerProcess::Start(store());
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  const auto job = api.GetJob(id);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->state(), v1::JOB_STATE_INTERRUPTED);
}

TEST_F(BadDays, TheAccessLogNamesModelAndVersion) {
  auto server = ServerProcess::Start(store(), {"--access_log_every", "1"});
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  ASSERT_TRUE(TrainCampaignModel(api, 300).ok());
  v1::PredictRequest request;
  *request.mutable_campaign() = SomeCampaign();
  ASSERT_TRUE(api.Predict(request).ok());
  v1::BatchPredictRequest batch;
  for (int i = 0; i < 3; ++i) *batch.mutable_campaigns()->add_campaigns() = SomeCampaign();
  ASSERT_TRUE(api.BatchPredict(batch).ok());
  for (int i = 0; i < 997; ++i) *batch.mutable_campaigns()->add_campaigns() = SomeCampaign();
  ASSERT_TRUE(api.BatchPredict(batch).ok());
  ASSERT_TRUE(api.GetModel().ok());
  ASSERT_TRUE(api.Export().ok());
  request.mutable_model()->set_name("nowhere");
  ASSERT_FALSE(api.Predict(request).ok());
  ASSERT_TRUE(server->Stop().ok());
  const std::string log = server->log();
  const auto line = [](const std::string& method, const std::string& code, const std::string& rest) {
    return absl::StrCat("call method=", method, " code=", code, " latency_us=[0-9.e+]+ ", rest, " peer=ipv4:");
  };
  EXPECT_THAT(log, ContainsRegex(line("PredictionService/Predict", "OK", "model=default version=1 rows=1")));
  EXPECT_THAT(log, ContainsRegex(line("PredictionService/BatchPredict", "OK", "model=default version=1 rows=3")));
  EXPECT_THAT(log, ContainsRegex(line("PredictionService/BatchPredict", "OK", "model=default version=1 rows=1000")));
  EXPECT_THAT(log, ContainsRegex(line("ModelService/GetModel", "OK", "model=default version=1 rows=0")));
  EXPECT_THAT(log, ContainsRegex(line("ModelService/ExportModel", "OK", "model=default version=1 rows=0")));
  EXPECT_THAT(log, ContainsRegex(line("TrainingService/CreateTrainingJob", "OK", "model=default version=0 rows=0")));
  EXPECT_THAT(log, ContainsRegex(line("PredictionService/Predict", "NOT_FOUND", "model=\"\" version=0 rows=1")));
}

TEST_F(BadDays, ReadinessAndHealthReflectTheServersState) {
  auto server = ServerProcess::Start(store());
  ASSERT_TRUE(server.ok()) << server.status();
  int code = 0;
  ASSERT_TRUE(server->HttpGet("/healthz", &code).ok());
  EXPECT_EQ(code, 200);
  // Ready for training without any model; predictions are healthy only with one.
  ASSERT_TRUE(server->HttpGet("/readyz", &code).ok());
  EXPECT_EQ(code, 200);
  auto health = grpc::health::v1::Health::NewStub(server->NewChannel());
  {
    grpc::ClientContext context;
    SetDeadline(context);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service("roicast.v1.PredictionService");
    grpc::health::v1::HealthCheckResponse response;
    ASSERT_TRUE(health->Check(&context, request, &response).ok());
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  }
  Api api(server->NewChannel());
  ASSERT_TRUE(TrainCampaignModel(api, 300).ok());

  for (const std::string service : {"", "roicast.v1.PredictionService", "roicast.v1.TrainingService"}) {
    grpc::ClientContext context;
    SetDeadline(context);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    const grpc::Status status = health->Check(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING) << service;
  }
  grpc::ClientContext context;
  SetDeadline(context);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("no.such.Service");
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_EQ(health->Check(&context, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(BadDays, MetricsCountEveryExitPath) {
  auto server = ServerProcess::Start(store());
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  ASSERT_TRUE(TrainCampaignModel(api, 300).ok());
  v1::PredictRequest request;
  *request.mutable_campaign() = SomeCampaign();
  ASSERT_TRUE(api.Predict(request).ok());
  request.mutable_model()->set_name("a-name-that-a-client-chose");
  ASSERT_FALSE(api.Predict(request).ok());
  const auto metrics = server->HttpGet("/metrics");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_THAT(*metrics, HasSubstr("NOT_FOUND"));
  EXPECT_THAT(*metrics, Not(HasSubstr("a-name-that-a-client-chose")));
}

}  // namespace
}  // namespace roicast::testing
