#include "server/transport_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roicast {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kDescriptors = 65536;

// As the command line leaves them.
ServerOptions Chosen() {
  ServerOptions options;
  options.max_connections = 10000;
  options.max_connections_per_peer = 5000;
  options.max_bytes_held = 144 << 20;
  options.max_bytes_held_per_connection = 108 << 20;
  options.memory_budget = int64_t{6} << 30;
  options.polling_threads = 1;
  return options;
}

// How long connections may take, and live.
void SetLives(ServerOptions& options) {
  options.write_timeout = absl::Seconds(12);
  options.keepalive_time = absl::Seconds(13);
  options.keepalive_timeout = absl::Seconds(14);
  options.max_connection_age = absl::Seconds(15);
  options.max_connection_age_grace = absl::Seconds(16);
}

TEST(TransportSettings, EachFlagHasItsPlace) {
  ServerOptions options = Chosen();
  options.listen = "127.0.0.1:1,unix:/a";
  options.http_listen = "127.0.0.1:2";
  options.polling_threads = 3;
  options.max_connections = 40;
  options.max_connections_per_peer = 4;
  options.max_streams_per_connection = 5;
  options.max_header_bytes = 6000;
  options.max_headers = 70;
  options.max_useless_frames = 80;
  options.preface_timeout = absl::Seconds(9);
  options.header_timeout = absl::Seconds(10);
  options.idle_timeout = absl::Seconds(11);
  SetLives(options);
  const auto made = TransportSettings(options, kDescriptors);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(made->listen, ElementsAre("127.0.0.1:1", "unix:/a"));
  EXPECT_THAT(made->http_listen, ElementsAre("127.0.0.1:2"));
  EXPECT_EQ(made->threads, 3);
  EXPECT_EQ(made->table.max_connections, 40);
  EXPECT_EQ(made->table.max_connections_per_peer, 4);
  EXPECT_EQ(made->connection.write_timeout, absl::Seconds(12));
  EXPECT_EQ(made->http2.max_streams, 5u);
  EXPECT_EQ(made->http2.max_header_bytes, 6000u);
  EXPECT_EQ(made->http2.max_headers, 70u);
  EXPECT_EQ(made->http2.max_useless_frames, 80);
  EXPECT_EQ(made->http2.preface_timeout, absl::Seconds(9));
  EXPECT_EQ(made->http2.header_timeout, absl::Seconds(10));
  EXPECT_EQ(made->connection.piece_timeout, absl::Seconds(10));
  EXPECT_EQ(made->http2.idle_timeout, absl::Seconds(11));
  EXPECT_EQ(made->http2.window_timeout, absl::Seconds(12));
  EXPECT_EQ(made->http2.keepalive_time, absl::Seconds(13));
  EXPECT_EQ(made->http2.keepalive_timeout, absl::Seconds(14));
  EXPECT_EQ(made->http2.max_age, absl::Seconds(15));
  EXPECT_EQ(made->http2.max_age_grace, absl::Seconds(16));
}

TEST(TransportSettings, HttpFollows) {
  ServerOptions options = Chosen();
  options.max_header_bytes = 6000;
  options.max_headers = 70;
  options.header_timeout = absl::Seconds(10);
  options.body_timeout = absl::Seconds(11);
  options.max_bytes_held = 1 << 30;
  options.preface_timeout = absl::Seconds(9);
  const auto made = TransportSettings(options, kDescriptors);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->http.max_header_bytes, 6000u);
  EXPECT_EQ(made->http.max_headers, 70u);
  EXPECT_EQ(made->http.preface_timeout, absl::Seconds(9));
  EXPECT_EQ(made->http.header_timeout, absl::Seconds(10));
  EXPECT_EQ(made->http.body_timeout, absl::Seconds(11));
  EXPECT_EQ(made->http.idle_timeout, absl::Seconds(75));
  EXPECT_EQ(made->http.max_bytes_held, 256 << 20) << "beside those of calls, and far less";
  options.max_bytes_held = 1 << 20;
  EXPECT_EQ(TransportSettings(options, kDescriptors)->http.max_bytes_held, 16 << 20) << "a page of metrics";
  options.idle_timeout = absl::Seconds(12);
  EXPECT_EQ(TransportSettings(options, kDescriptors)->http.idle_timeout, absl::Seconds(12));
}

// HTTP/2 on the HTTP port had the defaults, whatever the flags said.
TEST(TransportSettings, Http2HasTheSameLimitsOnBothPorts) {
  ServerOptions options = Chosen();
  options.max_streams_per_connection = 5;
  options.max_useless_frames = 80;
  SetLives(options);
  const auto made = TransportSettings(options, kDescriptors);
  ASSERT_TRUE(made.ok()) << made.status();
  const Http2Limits& http2 = made->http.http2;
  EXPECT_EQ(http2.max_streams, 5u);
  EXPECT_EQ(http2.max_useless_frames, 80);
  EXPECT_EQ(http2.window_timeout, absl::Seconds(12));
  EXPECT_EQ(http2.keepalive_time, absl::Seconds(13));
  EXPECT_EQ(http2.keepalive_timeout, absl::Seconds(14));
  EXPECT_EQ(http2.max_age, absl::Seconds(15));
  EXPECT_EQ(http2.max_age_grace, absl::Seconds(16));
  // But for what its small requests need less of.
  const auto usual = TransportSettings(Chosen(), kDescriptors);
  EXPECT_EQ(usual->http2.max_streams, 1024u);
  EXPECT_EQ(usual->http.http2.max_streams, 100u);
  EXPECT_EQ(usual->http.http2.max_streams_per_peer, 1024);
}

// Idle streams took the whole budget, and everybody else was refused.
TEST(TransportSettings, StreamsHaveAQuarterOfWhatPredictionsLeave) {
  ServerOptions options = Chosen();
  const auto limits = [&options](int64_t budget) {
    options.memory_budget = budget;
    return TransportSettings(options, kDescriptors)->http2;
  };
  constexpr int64_t kMiB = 1 << 20;
  // 288 MiB are the predictions'.
  const int64_t of_two_gib = (2048 - 288) * kMiB / 4 / static_cast<int64_t>(kBytesOfStream);
  EXPECT_EQ(limits(2048 * kMiB).max_streams_in_all, of_two_gib);
  EXPECT_EQ(limits(2048 * kMiB).max_streams_per_peer, 16384);
  EXPECT_LT(limits(600 * kMiB).max_streams_per_peer, 16384);
  const int64_t of_600 = limits(600 * kMiB).max_streams_in_all;
  EXPECT_EQ(limits(600 * kMiB).max_streams_per_peer, of_600 - of_600 / 4) << "a quarter is for others";
  options.max_bytes_held = 1;
  EXPECT_EQ(limits(1 * kMiB).max_streams_in_all, 256) << "some, whatever the budget is";
}

TEST(TransportSettings, TheHttpPortTakesAnEighthOfTheDescriptorsAtMost) {
  const auto connections = [](int64_t max_connections, int64_t descriptors) {
    ServerOptions options = Chosen();
    options.max_connections = max_connections;
    return TransportSettings(options, descriptors)->http_table.max_connections;
  };
  EXPECT_EQ(connections(10000, 65536), 8192);
  EXPECT_EQ(connections(10000, 1000000), 10000);
  EXPECT_EQ(connections(100, 65536), 100);
  EXPECT_EQ(connections(1, 65536), 16) << "probes and scrapes";
  EXPECT_EQ(connections(75, 100), 16);
  EXPECT_EQ(TransportSettings(Chosen(), 65536)->http_table.max_connections_per_peer, 4096);
  ServerOptions tls = Chosen();
  tls.http_tls = true;
  EXPECT_EQ(TransportSettings(tls, 65536)->http_table.max_connections_per_peer, 8192 / 3);
}

TEST(TransportSettings, TheDefaultsAreThoseOfTheParts) {
  const auto made = TransportSettings(Chosen(), kDescriptors);
  ASSERT_TRUE(made.ok()) << made.status();
  const Http2Limits http2;
  EXPECT_EQ(made->http2.max_streams, http2.max_streams);
  EXPECT_EQ(made->http2.max_header_bytes, http2.max_header_bytes);
  EXPECT_EQ(made->http2.max_headers, http2.max_headers);
  EXPECT_EQ(made->http2.max_useless_frames, http2.max_useless_frames);
  EXPECT_EQ(made->http2.preface_timeout, http2.preface_timeout);
  EXPECT_EQ(made->http2.header_timeout, http2.header_timeout);
  EXPECT_EQ(made->http2.idle_timeout, http2.idle_timeout);
  EXPECT_EQ(made->http2.window_timeout, http2.window_timeout);
  EXPECT_EQ(made->http2.keepalive_time, http2.keepalive_time);
  EXPECT_EQ(made->http2.keepalive_timeout, http2.keepalive_timeout);
  EXPECT_EQ(made->http2.max_age, http2.max_age);
  EXPECT_EQ(made->http2.max_age_grace, http2.max_age_grace);
  EXPECT_EQ(made->connection.write_timeout, Connection::Limits().write_timeout);
  EXPECT_EQ(CallSettings(Chosen()).body_timeout, CallOptions().body_timeout);
  EXPECT_EQ(CallSettings(Chosen()).held.max_bytes, HeldLimits().max_bytes);
  EXPECT_EQ(made->http.max_bytes_held, HttpLimits().max_bytes_held);
}

TEST(CallSettings, EachFlagHasItsPlace) {
  ServerOptions options = Chosen();
  options.max_message_bytes = 5000;
  options.body_timeout = absl::Seconds(6);
  options.max_bytes_held = 7000;
  options.max_bytes_held_per_connection = 6500;
  const CallOptions calls = CallSettings(options);
  EXPECT_EQ(calls.max_request_bytes, 5000u);
  EXPECT_EQ(calls.body_timeout, absl::Seconds(6));
  EXPECT_EQ(calls.held.max_bytes, 7000);
  EXPECT_EQ(calls.held.max_bytes_per_connection, 6500);
  EXPECT_EQ(calls.held.spare_bytes, 5000) << "one message as large as may be";
}

TEST(CallSettings, OneAddressHasThreeQuartersOfTheCalls) {
  const auto share = [](int64_t max_in_flight) {
    ServerOptions options = Chosen();
    options.max_in_flight = max_in_flight;
    return CallSettings(options).max_calls_per_peer;
  };
  EXPECT_EQ(share(4096), 3072);
  EXPECT_EQ(share(64), 48);
  EXPECT_EQ(share(63), 63) << "small limits are for one client";
}

TEST(AgeWithJitter, IsWithinATenth) {
  EXPECT_EQ(AgeWithJitter(absl::Seconds(100), 0), absl::Seconds(90));
  EXPECT_EQ(AgeWithJitter(absl::Seconds(100), 0.5), absl::Seconds(100));
  EXPECT_EQ(AgeWithJitter(absl::Seconds(100), 1), absl::Seconds(110));
}

// Uploads and exports that fill it would otherwise keep batches out.
TEST(TransportSettings, CallsThatAreNoPredictionsLeaveAQuarterOfWhatIsHeld) {
  CallOptions calls = CallSettings(Chosen());
  EXPECT_EQ(ForSlowCalls(calls).held.max_bytes, 108 << 20);
  EXPECT_EQ(ForSlowCalls(calls).held.max_bytes_per_connection, 81 << 20) << "on one connection, too";
  EXPECT_EQ(ForSlowCalls(calls).max_request_bytes, calls.max_request_bytes);
  // But for one message as large as may be.
  calls.held.max_bytes = static_cast<int64_t>(calls.max_request_bytes);
  EXPECT_EQ(ForSlowCalls(calls).held.max_bytes, 64 << 20);
}

TEST(TransportSettings, OneAddressHasThreeQuartersOfTheDecisionsThreads) {
  ServerOptions options = Chosen();
  EXPECT_EQ(DecisionThreads(options).max_threads, 8);
  EXPECT_EQ(DecisionThreads(options).max_per_peer, 6);
  options.decision_threads = 3;  // too few to share
  EXPECT_EQ(DecisionThreads(options).max_threads, 3);
  EXPECT_EQ(DecisionThreads(options).max_per_peer, 3);
}

}  // namespace
}  // namespace roicast
