#include "client/training_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "client/status.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;

TrainingClient Connect(const std::string& target) {
  ChannelOptions options;
  options.target = target;
  return TrainingClient(*ChannelPool::Create(options));
}

v1::TrainingJob Job(v1::JobState state, int epoch = 0) {
  v1::TrainingJob job;
  job.set_id("job-000001");
  job.set_state(state);
  if (epoch > 0) job.mutable_progress()->mutable_last_epoch()->set_epoch(epoch);
  return job;
}

WatchOptions Quick() {
  WatchOptions options;
  options.backoff.first_backoff = absl::Microseconds(10);
  options.backoff.max_backoff = absl::Microseconds(20);
  return options;
}

TEST(TrainingClient, UploadsByteForByteAndReportsProgress) {
  testing::FakeServer server;
  server.Start();
  std::string csv(3'500'000, 'x');
  for (size_t i = 0; i < csv.size(); i += 77) csv[i] = '\n';
  std::istringstream stream(csv);
  v1::UploadDatasetHeader header;
  header.set_display_name("campaigns.csv");
  header.mutable_csv()->set_delimiter(";");
  std::vector<int64_t> progress;
  const absl::StatusOr<v1::Dataset> dataset = Connect(server.target()).UploadCsv(stream, header, [&](int64_t sent) {
    progress.push_back(sent);
    return true;
  });
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->digest(), "digest-of-the-upload");
  EXPECT_TRUE(server.uploaded() == csv);
  EXPECT_EQ(server.upload_header().display_name(), "campaigns.csv");
  EXPECT_EQ(server.upload_header().csv().delimiter(), ";");
  EXPECT_THAT(progress, ElementsAre(1 << 20, 2 << 20, 3 << 20, 3'500'000));
}

TEST(TrainingClient, StopsAnUploadOnRequest) {
  testing::FakeServer server;
  server.Start();
  std::istringstream stream(std::string(3'000'000, 'x'));
  EXPECT_EQ(Connect(server.target()).UploadCsv(stream, {}, [](int64_t) { return false; }).status(),
            absl::CancelledError("upload: cancelled by the caller"));
}

TEST(TrainingClient, RepeatsAJobsCreationWithTheSameRequestId) {
  testing::FakeServer server;
  std::vector<std::string> ids;
  server.on_create_job = [&](const v1::CreateTrainingJobRequest& request, v1::TrainingJob* job) {
    ids.push_back(request.request_id());
    if (ids.size() < 3) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
    job->set_id("job-000009");
    return grpc::Status::OK;
  };
  server.Start();
  const absl::StatusOr<v1::TrainingJob> job = Connect(server.target()).CreateJob({});
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->id(), "job-000009");
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids[0].size(), 32u);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[0], ids[2]);
}

TEST(TrainingClient, WatchesThroughADisconnectionToTheEnd) {
  testing::FakeServer server;
  std::atomic<int> watches{0};
  server.on_watch_job = [&](const v1::WatchTrainingJobRequest&, grpc::ServerContext*,
                            grpc::ServerWriter<v1::TrainingJob>* writer) {
    if (++watches == 1) {
      writer->Write(Job(v1::JOB_STATE_RUNNING, 1));
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
    }
    writer->Write(Job(v1::JOB_STATE_RUNNING, 5));
    writer->Write(Job(v1::JOB_STATE_SUCCEEDED, 9));
    return grpc::Status::OK;
  };
  server.Start();
  std::vector<int> epochs;
  const absl::StatusOr<v1::TrainingJob> job =
      Connect(server.target()).WatchJob("job-000001", Quick(), [&](const v1::TrainingJob& update) {
        epochs.push_back(update.progress().last_epoch().epoch());
        return true;
      });
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_THAT(epochs, ElementsAre(1, 5, 9));
  EXPECT_EQ(watches, 2);
}

TEST(TrainingClient, GivesUpAWatchIfTheServerStaysAway) {
  testing::FakeServer server;
  server.on_watch_job = [](const v1::WatchTrainingJobRequest&, grpc::ServerContext*,
                           grpc::ServerWriter<v1::TrainingJob>*) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
  };
  server.Start();
  WatchOptions options = Quick();
  options.reconnect_for = absl::Milliseconds(5);
  EXPECT_EQ(
      Connect(server.target()).WatchJob("job-000001", options, [](const v1::TrainingJob&) { return true; }).status(),
      absl::UnavailableError("draining"));
}

TEST(TrainingClient, PassesOnThatThereIsNoSuchJob) {
  testing::FakeServer server;
  server.Start();
  const absl::Status status =
      Connect(server.target()).WatchJob("job-7", Quick(), [](const v1::TrainingJob&) { return true; }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such job");
  EXPECT_EQ(ReasonOf(status), v1::JOB_NOT_FOUND);
}

TEST(TrainingClient, AnotherThreadCanLeaveAWatch) {
  testing::FakeServer server;
  server.on_watch_job = [](const v1::WatchTrainingJobRequest&, grpc::ServerContext* context,
                           grpc::ServerWriter<v1::TrainingJob>* writer) {
    writer->Write(Job(v1::JOB_STATE_RUNNING, 4));
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  server.Start();
  std::function<void()> cancel;
  std::thread other;
  const absl::StatusOr<v1::TrainingJob> job = Connect(server.target())
                                                  .WatchJob(
                                                      "job-000001", Quick(),
                                                      [&](const v1::TrainingJob&) {
                                                        other = std::thread([&] { cancel(); });
                                                        return true;
                                                      },
                                                      [&](std::function<void()> registered) { cancel = registered; });
  other.join();
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(job->progress().last_epoch().epoch(), 4);
}

}  // namespace
}  // namespace roicast::client
