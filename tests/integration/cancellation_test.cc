// Jobs that are cancelled in phases that are soon over. tests/server/training/cancellation_test.cc does the same at
// each question whether to stop.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

class CancellationFlow : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start(folder_.File("store"));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::make_unique<ServerProcess>(*std::move(server));
    api_ = std::make_unique<Api>(server_->NewChannel());
  }

  // One epoch on so many rows.
  std::string Submit(int rows) {
    const auto dataset = api_->Upload(CampaignCsv(rows));
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = QuickSpec(dataset->digest());
    request.mutable_spec()->mutable_training()->set_epochs(1);
    request.mutable_spec()->mutable_training()->set_warmup_epochs(0);
    const auto job = api_->Create(request);
    EXPECT_TRUE(job.ok()) << job.status();
    return job.ok() ? job->id() : "";
  }

  // Until the job is in this phase, or in a later one.
  void Await(v1::JobPhase phase, const std::string& id) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchTrainingJobRequest request;
    request.set_id(id);
    auto reader = api_->training().WatchTrainingJob(&context, request);
    v1::TrainingJob job;
    while (job.progress().phase() < phase && reader->Read(&job)) {
    }
    context.TryCancel();
    EXPECT_GE(job.progress().phase(), phase) << job.error().message();
  }

  // A phase may be over before the cancellation arrives: then with more rows again. Wherever it arrives, the job ends
  // as one that was cancelled or one that was done, and the next one runs.
  void ExpectEndsIn(v1::JobPhase phase) {
    constexpr int kFewestRows = 20'000, kMostRows = 160'000;
    for (int rows = kFewestRows; rows <= kMostRows; rows *= 2) {
      const std::string id = Submit(rows);
      const std::string next = Submit(300);
      Await(phase, id);
      const auto cancelled = api_->Cancel(id);
      ASSERT_TRUE(cancelled.ok()) << cancelled.status();
      const auto job = api_->WaitForJob(id);
      const auto after = api_->WaitForJob(next);
      ASSERT_TRUE(job.ok() && after.ok()) << job.status() << after.status();
      EXPECT_EQ(after->state(), v1::JOB_STATE_SUCCEEDED) << after->error().message();
      EXPECT_FALSE(job->has_error()) << job->error().message();
      if (job->state() == v1::JOB_STATE_SUCCEEDED) continue;
      EXPECT_EQ(job->state(), v1::JOB_STATE_CANCELLED);
      EXPECT_EQ(job->version(), 0);
      if (job->progress().phase() == phase) return;
    }
    GTEST_SKIP() << "this machine is too fast: no job was cancelled while " << v1::JobPhase_Name(phase);
  }

  TempDir folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Api> api_;
};

TEST_F(CancellationFlow, AJobIsCancelledWhilePreparingAndTheNextRuns) { ExpectEndsIn(v1::JOB_PHASE_PREPARING); }

TEST_F(CancellationFlow, AJobIsCancelledWhileEvaluatingAndTheNextRuns) { ExpectEndsIn(v1::JOB_PHASE_EVALUATING); }

}  // namespace
}  // namespace roicast::testing
