#include "server/services/health/health_service.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "server/transport/transport_server.h"

namespace roicast {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kPrediction[] = "roicast.v1.PredictionService";

class HealthServiceTest : public testing::Test {
 protected:
  HealthServiceTest() : server_({.listen = {"127.0.0.1:0"}}, &metrics_) {
    health_ = std::make_unique<HealthService>(std::vector<std::string>{kPrediction}, CallOptions(), &server_.grpc(),
                                              &server_.loops());
    EXPECT_TRUE(server_.Start().ok());
    stub_ = Health::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_.port()), grpc::InsecureChannelCredentials()));
  }
  ~HealthServiceTest() override {
    health_->Stop();
    server_.Shutdown(absl::Seconds(20));
  }

  grpc::Status Check(const std::string& service, HealthCheckResponse::ServingStatus* status) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status outcome = stub_->Check(&context, request, &response);
    *status = response.status();
    return outcome;
  }

  TransportMetrics metrics_;
  TransportServer server_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<Health::Stub> stub_;
};

TEST_F(HealthServiceTest, CheckFollowsEachServiceOnItsOwn) {
  HealthCheckResponse::ServingStatus status;
  ASSERT_TRUE(Check("", &status).ok());
  EXPECT_EQ(status, HealthCheckResponse::NOT_SERVING);
  health_->SetServing("", true);
  ASSERT_TRUE(Check("", &status).ok());
  EXPECT_EQ(status, HealthCheckResponse::SERVING);
  ASSERT_TRUE(Check(kPrediction, &status).ok());
  EXPECT_EQ(status, HealthCheckResponse::NOT_SERVING);
}

// Requests are parsed where predictions are answered: 67 MB of empty fields took seconds of that, and 2 GB.
TEST_F(HealthServiceTest, RequestsHaveSomeKilobytesAtMost) {
  HealthCheckResponse::ServingStatus status;
  EXPECT_EQ(Check(std::string(4000, 'x'), &status).error_code(), grpc::StatusCode::NOT_FOUND);
  const grpc::Status outcome = Check(std::string(4096, 'x'), &status);
  EXPECT_EQ(outcome.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(outcome.error_message(), "request bytes of this method: limit 4096, got 4099");
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service(std::string(4096, 'x'));
  const auto watch = stub_->Watch(&context, request);
  HealthCheckResponse response;
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(HealthServiceTest, CheckOfAnUnknownServiceIsNotFound) {
  HealthCheckResponse::ServingStatus status;
  const grpc::Status outcome = Check("no.such.Service", &status);
  EXPECT_EQ(outcome.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(outcome.error_message(), "no service \"no.such.Service\"");
}

TEST_F(HealthServiceTest, WatchSendsTheStatusAndEachChange) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service(kPrediction);
  const auto watch = stub_->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  health_->SetServing(kPrediction, true);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  health_->SetAllNotServing();
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  health_->SetServing(kPrediction, true);
  HealthCheckResponse::ServingStatus status{};
  ASSERT_TRUE(Check(kPrediction, &status).ok());
  EXPECT_EQ(status, HealthCheckResponse::NOT_SERVING) << "draining is for good";
  health_->Stop();
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthServiceTest, WatchOfAnUnknownServiceSaysSoAndStays) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service("no.such.Service");
  const auto watch = stub_->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// A client that does not end the call itself kept it open for good. gRPC's library would end it, so this one says the
// timeout by hand.
TEST_F(HealthServiceTest, WatchEndsAtItsDeadline) {
  for (const char* timeout : {"1n", "50m"}) {
    grpc::ClientContext context;
    context.AddMetadata("grpc-timeout", timeout);
    const auto watch = stub_->Watch(&context, {});
    HealthCheckResponse response;
    while (watch->Read(&response)) {
    }
    const grpc::Status outcome = watch->Finish();
    EXPECT_EQ(outcome.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << timeout;
    EXPECT_EQ(outcome.error_message(), "the deadline passed while the client watched");
  }
}

TEST_F(HealthServiceTest, ManyWatchersThatComeAndGoLeaveTheServiceWorking) {
  for (int i = 0; i < 50; ++i) {
    grpc::ClientContext context;
    const auto watch = stub_->Watch(&context, {});
    HealthCheckResponse response;
    ASSERT_TRUE(watch->Read(&response));
    context.TryCancel();
    health_->SetServing("", i % 2 == 0);
  }
  HealthCheckResponse::ServingStatus status;
  ASSERT_TRUE(Check("", &status).ok());
  EXPECT_EQ(status, HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace roicast
