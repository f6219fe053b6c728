#include "server/transport/status_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "client/status.h"
#include "google/rpc/status.pb.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

TEST(StatusMapping, OkStaysOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(StatusMapping, AnErrorWithoutReasonHasNoDetails) {
  const grpc::Status status = ToGrpcStatus(absl::InvalidArgumentError("spend: expected > 0,\ngot -5"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "spend: expected > 0, got -5");
  EXPECT_EQ(status.error_details(), "");
}

// Python's grpc_status refuses details whose code or message differs from the call's.
TEST(StatusMapping, DetailsRepeatCodeAndMessage) {
  const grpc::Status status = ToGrpcStatus(VersionNotFound("shop", 7));
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(details.message(), status.error_message());
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
}

TEST(StatusMapping, TheClientReadsReasonAndMetadata) {
  const absl::Status status = client::ToAbslStatus(ToGrpcStatus(VersionNotFound("shop", 7)));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "model \"shop\" has no version 7");
  EXPECT_EQ(client::ReasonOf(status), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(client::ErrorMetadata(status, "model"), "shop");
  EXPECT_EQ(client::ErrorMetadata(status, "version"), "7");
  EXPECT_EQ(client::ErrorMetadata(status, "job"), "");
  const absl::Status plain = client::ToAbslStatus(ToGrpcStatus(absl::NotFoundError("x")));
  EXPECT_EQ(client::ReasonOf(plain), v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(client::ErrorMetadata(plain, "model"), "");
}

// Transports refuse headers over 8 KiB: three bytes a character for the message, four for three in base64 for the rest.
TEST(StatusMapping, LongMessagesAndNamesFitTheHeaders) {
  const std::string name(100000, '\x01');
  for (const absl::Status& status :
       {absl::NotFoundError(name), WithReason(absl::NotFoundError(name), v1::MODEL_NOT_FOUND,
                                              {{"model", name}, {"version", name}, {"schema_digest", name}})}) {
    const grpc::Status mapped = ToGrpcStatus(status);
    EXPECT_LT(3 * mapped.error_message().size() + absl::Base64Escape(mapped.error_details()).size(), 7000);
  }
}

}  // namespace
}  // namespace roicast
