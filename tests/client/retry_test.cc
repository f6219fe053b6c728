#include "client/retry.h"

#include <gtest/gtest.h>

namespace roicast::client {
namespace {

CallOptions Quick() {
  CallOptions options;
  options.first_backoff = absl::Microseconds(10);
  options.max_backoff = absl::Microseconds(20);
  return options;
}

TEST(CallIdempotent, RepeatsUnavailableUntilItWorks) {
  int calls = 0;
  const absl::Status status = CallIdempotent(Quick(), [&](grpc::ClientContext&) {
    return ++calls < 3 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining") : grpc::Status::OK;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(calls, 3);
}

TEST(CallIdempotent, GivesUpAfterTheLastAttempt) {
  int calls = 0;
  const absl::Status status = CallIdempotent(Quick(), [&](grpc::ClientContext&) {
    ++calls;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
  });
  EXPECT_EQ(status, absl::UnavailableError("draining"));
  EXPECT_EQ(calls, 4);
}

TEST(CallIdempotent, NeverRepeatsOverloadOrRefusals) {
  for (const grpc::StatusCode code : {grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::INVALID_ARGUMENT,
                                      grpc::StatusCode::DEADLINE_EXCEEDED, grpc::StatusCode::INTERNAL}) {
    int calls = 0;
    const absl::Status status = CallIdempotent(Quick(), [&](grpc::ClientContext&) {
      ++calls;
      return grpc::Status(code, "no");
    });
    EXPECT_EQ(static_cast<int>(status.code()), static_cast<int>(code));
    EXPECT_EQ(calls, 1) << code;
  }
}

TEST(CallIdempotent, DoesNotWaitBeyondTheDeadline) {
  CallOptions options;
  options.timeout = absl::Milliseconds(20);
  options.first_backoff = absl::Hours(1);
  options.max_backoff = absl::Hours(1);
  int calls = 0;
  const absl::Status status = CallIdempotent(options, [&](grpc::ClientContext&) {
    ++calls;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
  });
  EXPECT_EQ(status, absl::UnavailableError("draining"));
  EXPECT_EQ(calls, 1);
}

TEST(CallOnce, CallsOnce) {
  int calls = 0;
  EXPECT_EQ(CallOnce(Quick(),
                     [&](grpc::ClientContext&) {
                       ++calls;
                       return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
                     }),
            absl::UnavailableError("gone"));
  EXPECT_EQ(calls, 1);
}

TEST(Backoff, GrowsToItsLimitWithJitter) {
  CallOptions options;
  options.first_backoff = absl::Milliseconds(100);
  options.max_backoff = absl::Milliseconds(1000);
  for (int i = 0; i < 100; ++i) {
    EXPECT_GE(Backoff(options, 1), absl::Milliseconds(50));
    EXPECT_LE(Backoff(options, 1), absl::Milliseconds(100));
    EXPECT_GE(Backoff(options, 3), absl::Milliseconds(200));
    EXPECT_LE(Backoff(options, 50), absl::Milliseconds(1000));
  }
}

}  // namespace
}  // namespace roicast::client
