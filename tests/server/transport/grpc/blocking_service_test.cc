#include "server/transport/grpc/blocking_service.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"
#include "roicast/v1/model.grpc.pb.h"
#include "server/transport/transport_server.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// ModelService with GetModel, which waits until it may end.
class BlockingServiceTest : public ::testing::Test {
 protected:
  void Start(const WorkerPool::Options& threads) {
    pool_ = std::make_unique<WorkerPool>(threads);
    server_ =
        std::make_unique<TransportServer>(TransportServer::Options{.listen = {"127.0.0.1:0"}}, &metrics_.transport());
    service_ = std::make_unique<BlockingService>(BlockingService::Parts{.grpc = &server_->grpc(),
                                                                        .pool = pool_.get(),
                                                                        .lifecycle = &lifecycle_,
                                                                        .metrics = &metrics_,
                                                                        .access_log = &access_log_},
                                                 CallOptions());
    service_->Unary<v1::GetModelRequest, v1::Model>("ModelService/GetModel",
                                                    [this](const v1::GetModelRequest&, v1::Model*, CallContext&) {
                                                      begun_.Notify();
                                                      may_end_.WaitForNotification();
                                                      return absl::OkStatus();
                                                    });
    ASSERT_EQ(server_->Start(), absl::OkStatus());
    stub_ = v1::ModelService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }
  ~BlockingServiceTest() override {
    server_->Shutdown(absl::Seconds(60));
    pool_.reset();
  }

  // A call beside one that has the only thread.
  grpc::Status CallOneTooMany() {
    grpc::ClientContext first;
    v1::Model answer;
    grpc::Status ended;
    absl::Notification done;
    const v1::GetModelRequest request;
    stub_->async()->GetModel(&first, &request, &answer, [&](const grpc::Status& status) {
      ended = status;
      done.Notify();
    });
    begun_.WaitForNotification();
    grpc::ClientContext second;
    const grpc::Status refused = stub_->GetModel(&second, {}, &answer);
    may_end_.Notify();
    done.WaitForNotification();
    EXPECT_TRUE(ended.ok()) << ended.error_message();
    return refused;
  }
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(metrics_.Collect()); }

  absl::Notification begun_, may_end_;
  std::ostringstream log_;
  Logger logger_{{.out = &log_}};
  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {"1.2.3", "g++", "none"}};
  AccessLog access_log_{logger_, {.sample_every = 1}};
  Lifecycle lifecycle_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<TransportServer> server_;
  std::unique_ptr<BlockingService> service_;
  std::unique_ptr<v1::ModelService::Stub> stub_;
};

// No metric and no log told of them.
TEST_F(BlockingServiceTest, CallsThatNoThreadIsLeftForAreCountedAndLogged) {
  Start({.max_threads = 1});
  const grpc::Status refused = CallOneTooMany();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("slow calls at once: limit 1, got 2"));
  EXPECT_EQ(metrics_.transport().count(Cut::kSlowCalls), 1);
  EXPECT_THAT(
      Metrics(),
      AllOf(HasSubstr("roicast_rpc_requests_total{method=\"ModelService/GetModel\",code=\"RESOURCE_EXHAUSTED\"} 1\n"),
            HasSubstr("roicast_rpc_requests_total{method=\"ModelService/GetModel\",code=\"OK\"} 1\n"),
            HasSubstr("roicast_rpc_in_flight{method=\"ModelService/GetModel\"} 0\n"),
            HasSubstr("roicast_transport_cut_total{cause=\"slow_calls\"} 1\n")));
  logger_.Flush();
  EXPECT_THAT(log_.str(), HasSubstr("call method=ModelService/GetModel code=RESOURCE_EXHAUSTED latency_us="));
}

TEST_F(BlockingServiceTest, CallsBeyondTheirAddressShareOfThreadsAreCounted) {
  Start({.max_threads = 2, .max_per_peer = 1});
  EXPECT_THAT(CallOneTooMany().error_message(), HasSubstr("slow calls of one client at once: limit 1, got 2"));
  EXPECT_EQ(metrics_.transport().count(Cut::kSlowCalls), 1);
  EXPECT_THAT(
      Metrics(),
      HasSubstr("roicast_rpc_requests_total{method=\"ModelService/GetModel\",code=\"RESOURCE_EXHAUSTED\"} 1\n"));
}

}  // namespace
}  // namespace roicast
