#include "server/transport/grpc/wire.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "absl/strings/escaping.h"
#include "client/status.h"
#include "google/rpc/status.pb.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::string Details(const StatusHeaders& headers) {
  std::string details;
  EXPECT_TRUE(absl::Base64Unescape(headers.details, &details));
  return details;
}

TEST(ParseTimeout, TakesEveryUnit) {
  EXPECT_EQ(ParseTimeout("2H"), hours(2));
  EXPECT_EQ(ParseTimeout("3M"), minutes(3));
  EXPECT_EQ(ParseTimeout("4S"), seconds(4));
  EXPECT_EQ(ParseTimeout("50m"), milliseconds(50));
  EXPECT_EQ(ParseTimeout("60u"), microseconds(60));
  EXPECT_EQ(ParseTimeout("70n"), nanoseconds(70));
  EXPECT_EQ(ParseTimeout("99999999n"), nanoseconds(99999999));
}

TEST(ParseTimeout, AYearIsTheMost) { EXPECT_EQ(ParseTimeout("99999999H"), hours(8760)); }

TEST(ParseTimeout, RefusesWhatIsNone) {
  for (const char* text : {"", "5", "m", "5x", "123456789m", "-5m", "1.5S", " 5m", "5m "}) {
    EXPECT_EQ(ParseTimeout(text), std::nullopt) << text;
  }
}

TEST(PercentEncode, KeepsPrintableAscii) { EXPECT_EQ(PercentEncode("spend: expected > 0"), "spend: expected > 0"); }

TEST(PercentEncode, EncodesTheRest) { EXPECT_EQ(PercentEncode("5 %, 3 €\n"), "5 %25, 3 %E2%82%AC%0A"); }

TEST(ToHeaders, OkHasNoMessage) {
  const StatusHeaders headers = ToHeaders(absl::OkStatus());
  EXPECT_EQ(headers.code, "0");
  EXPECT_EQ(headers.message, "");
  EXPECT_EQ(headers.details, "");
}

TEST(ToHeaders, AnErrorWithoutReasonHasNoDetails) {
  const StatusHeaders headers = ToHeaders(absl::InvalidArgumentError("spend: expected > 0,\ngot -5"));
  EXPECT_EQ(headers.code, "3");
  EXPECT_EQ(headers.message, "spend: expected > 0, got -5");
  EXPECT_EQ(headers.details, "");
}

// Python's grpc_status refuses details whose code or message differs from the call's.
TEST(ToHeaders, AMessageAsItIsKeepsItsLines) {
  EXPECT_EQ(ToHeaders(absl::UnknownError("\t5 %\n☺"), MessageText::kAsItIs).message, "%095 %25%0A%E2%98%BA");
  const std::string longer(kMaxStatusMessageBytes + 1, 'x');
  EXPECT_EQ(ToHeaders(absl::UnknownError(longer), MessageText::kAsItIs).message, longer.substr(1));
}

TEST(ToHeaders, DetailsRepeatCodeAndMessage) {
  const StatusHeaders headers = ToHeaders(VersionNotFound("shop", 7));
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(Details(headers)));
  EXPECT_EQ(headers.code, std::to_string(details.code()));
  EXPECT_EQ(headers.message, details.message());
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
}

TEST(ToHeaders, TheClientReadsReasonAndMetadata) {
  const StatusHeaders headers = ToHeaders(VersionNotFound("shop", 7));
  const absl::Status status =
      client::ToAbslStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, headers.message, Details(headers)));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "model \"shop\" has no version 7");
  EXPECT_EQ(client::ReasonOf(status), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(client::ErrorMetadata(status, "model"), "shop");
  EXPECT_EQ(client::ErrorMetadata(status, "version"), "7");
  EXPECT_EQ(client::ErrorMetadata(status, "job"), "");
}

// Transports refuse headers over 8 KiB: three bytes a character for the message, four for three in base64 for the rest.
TEST(ToHeaders, LongMessagesAndNamesFitTheHeaders) {
  const std::string name(100000, '\x01');
  for (const absl::Status& status :
       {absl::NotFoundError(name), WithReason(absl::NotFoundError(name), v1::MODEL_NOT_FOUND,
                                              {{"model", name}, {"version", name}, {"schema_digest", name}})}) {
    const StatusHeaders headers = ToHeaders(status);
    EXPECT_LT(headers.message.size() + headers.details.size(), 7000);
  }
}

TEST(ListHas, FindsWholeWords) {
  EXPECT_TRUE(ListHas("gzip", "gzip"));
  EXPECT_TRUE(ListHas("identity, deflate , gzip", "gzip"));
  EXPECT_FALSE(ListHas("x-gzip", "gzip"));
  EXPECT_FALSE(ListHas("", "gzip"));
}

}  // namespace
}  // namespace roicast
