#include "server/errors/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/status_macros.h"
#include "google/rpc/error_details.pb.h"

namespace roicast {
namespace {

using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_TRUE(payload.has_value() && info.ParseFromString(std::string(*payload)));
  return info;
}

TEST(Errors, HaveCodeMessageReasonAndMetadata) {
  const absl::Status status = VersionNotFound("shop", 7);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "model \"shop\" has no version 7");
  const google::rpc::ErrorInfo info = InfoOf(status);
  EXPECT_EQ(info.reason(), "VERSION_NOT_FOUND");
  EXPECT_EQ(info.domain(), "roicast");
  EXPECT_THAT(info.metadata(), UnorderedElementsAre(Pair("model", "shop"), Pair("version", "7")));
}

TEST(Errors, OverloadAndTooLargeAreDistinguished) {
  const absl::Status overloaded = ServerOverloaded("calls in flight", 8, 9);
  EXPECT_EQ(overloaded.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(overloaded.message(), "calls in flight: limit 8, got 9 (the server's --max_in_flight); try again later");
  EXPECT_EQ(ReasonOf(overloaded), v1::SERVER_OVERLOADED);
  const absl::Status too_large = RequestTooLarge("rows", 100, 101);
  EXPECT_EQ(too_large.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(too_large.message(), "rows: limit 100, got 101 (the server's --max_batch_rows)");
  EXPECT_EQ(ReasonOf(too_large), v1::REQUEST_TOO_LARGE);
}

TEST(Errors, ContextKeepsTheReason) {
  const absl::Status status = WithContext(DatasetNotFound("abc"), "spec.dataset_digest");
  EXPECT_EQ(status.message(), "spec.dataset_digest: no dataset \"abc\": upload it first");
  EXPECT_EQ(ReasonOf(status), v1::DATASET_NOT_FOUND);
}

TEST(Errors, LongNamesAreCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 100000; ++i) name += "ä";
  const absl::Status status = ModelNotFound(name);
  EXPECT_LT(status.message().size(), 120);
  // A torn character would not be a string in protobuf's sense, and not parse.
  EXPECT_LE(InfoOf(status).metadata().at("model").size(), 100);
}

TEST(Errors, OthersHaveNoReason) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("x")), v1::ERROR_REASON_UNSPECIFIED);
  absl::Status broken = absl::NotFoundError("x");
  broken.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord("\xff"));
  EXPECT_EQ(ReasonOf(broken), v1::ERROR_REASON_UNSPECIFIED);
}

TEST(Errors, WithoutMetadataThereIsOnlyTheReason) {
  EXPECT_THAT(InfoOf(ServerDraining()).metadata(), SizeIs(0));
  EXPECT_EQ(ReasonOf(ServerDraining()), v1::SERVER_DRAINING);
}

}  // namespace
}  // namespace roicast
