#include "server/transport/connection/listener.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

class UnixListener : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Listener>> Listen() {
    return Listener::Make(absl::StrCat("unix:", path_), &metrics_, [](int, const PeerAddress&) {});
  }

  TransportMetrics metrics_;
  const testing::TempDir folder_;
  const std::string path_ = folder_.File("socket");
};

TEST_F(UnixListener, RemovesItsFile) {
  auto listener = Listen();
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_TRUE(absl::IsFailedPrecondition(Listen().status()));
  (*listener)->Stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

// A server that was still draining removed the socket of its successor, to which no client came any more.
TEST_F(UnixListener, LeavesTheFileOfAnotherThatHasTakenItsPlace) {
  auto first = Listen();
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(std::filesystem::remove(path_));
  auto second = Listen();
  ASSERT_TRUE(second.ok()) << second.status();
  (*first)->Stop();
  EXPECT_TRUE(std::filesystem::exists(path_));
  (*second)->Stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace roicast
