#include "client/cli/connection_error.h"

#include <gtest/gtest.h>

namespace roicast::client {
namespace {

std::string Message(absl::string_view library) {
  return ConnectionErrorMessage(absl::UnavailableError(library), "db:8500");
}

// As gRPC 1.51 and 1.30 say it.
TEST(ConnectionErrorMessage, SaysWhatFailedWithoutTheLibrarysInternals) {
  EXPECT_EQ(Message("failed to connect to all addresses; last error: UNKNOWN: ipv4:10.0.0.7:8500: Failed to connect to "
                    "remote host: Connection refused"),
            "cannot connect to db:8500: Connection refused");
  EXPECT_EQ(Message("failed to connect to all addresses"), "cannot connect to db:8500");
  EXPECT_EQ(Message("DNS resolution failed for db:8500: C-ares status is not ARES_SUCCESS qtype=A"),
            "cannot find the address of db:8500");
}

TEST(ConnectionErrorMessage, KeepsWhatStandsBefore) {
  EXPECT_EQ(Message("lines 2 to 9: failed to connect to all addresses; last error: UNKNOWN: Connection refused"),
            "lines 2 to 9: cannot connect to db:8500: Connection refused");
}

// Another version of the library may have other words: they are shown then, with the server's name.
TEST(ConnectionErrorMessage, ShowsWordsThatItDoesNotKnow) {
  EXPECT_EQ(Message("Socket closed"), "cannot reach db:8500: Socket closed");
}

}  // namespace
}  // namespace roicast::client
