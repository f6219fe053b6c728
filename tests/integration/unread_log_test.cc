// A server whose log nobody reads.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "roicast/v1/prediction.grpc.pb.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace roicast::testing {
namespace {

TEST(UnreadLog, AServerGoesOnAndStopsWhereNobodyReadsItsLog) {
  const TempDir folder;
  const std::string log = folder.File("log");
  ASSERT_EQ(::mkfifo(log.c_str(), 0600), 0);
  const int reader = ::open(log.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  ASSERT_EQ(::fcntl(reader, F_SETPIPE_SZ, 4096), 4096);
  absl::StatusOr<ServerProcess> server = ServerProcess::Start(folder.File("store"), {"--access_log_every", "1"}, log);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = v1::PredictionService::NewStub(server->NewChannel());
  // One line of about 150 bytes each, at most 100 of them in a second.
  for (int call = 0; call < 300; ++call) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::PredictResponse response;
    ASSERT_EQ(stub->Predict(&context, v1::PredictRequest(), &response).error_code(),
              grpc::StatusCode::FAILED_PRECONDITION)
        << call;
  }
  int code = 0;
  EXPECT_TRUE(server->HttpGet("/healthz", &code).ok());
  EXPECT_EQ(code, 200);
  const absl::StatusOr<int> stopped = server->Stop();
  EXPECT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_EQ(stopped.value_or(-1), 0);
  ::close(reader);
}

}  // namespace
}  // namespace roicast::testing
