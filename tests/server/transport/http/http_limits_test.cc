// Clients of the HTTP port that are slow, silent or greedy cost their own connection only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/transport/http/http_server_fixture.h"

namespace roicast {
namespace {

using testing::BodyOf;
using ::testing::HasSubstr;
using testing::RawConnection;
using testing::StatusOf;

constexpr absl::Duration kShort = absl::Milliseconds(50);

class HttpLimitsTest : public testing::HttpServerTest {};

TEST_F(HttpLimitsTest, HeadersThatComeTooLateAre408) {
  options_.http.header_timeout = kShort;
  Start();
  const std::string answer = Say("GET /hello HTTP/1.1\r\nHost:");
  EXPECT_EQ(StatusOf(answer), "408 Request Timeout");
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(BodyOf(answer), "headers: expected all of them within 50ms\n");
  EXPECT_EQ(metrics_.count(Cut::kHeaders), 1);
}

TEST_F(HttpLimitsTest, ABodyThatComesTooLateIs408) {
  options_.http.body_timeout = kShort;
  Start();
  const std::string answer = Say("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(StatusOf(answer), "408 Request Timeout");
  EXPECT_EQ(BodyOf(answer), "body: expected all of it within 50ms, got 3 bytes\n");
  EXPECT_EQ(metrics_.count(Cut::kBody), 1);
}

TEST_F(HttpLimitsTest, ConnectionsThatSayNothingAreClosed) {
  options_.http.preface_timeout = kShort;
  Start();
  EXPECT_EQ(Say(""), "");
  EXPECT_EQ(Say("PRI * HTTP"), "");
  EXPECT_EQ(metrics_.count(Cut::kPreface), 2);
}

TEST_F(HttpLimitsTest, ConnectionsThatAskNothingMoreAreClosed) {
  options_.http.idle_timeout = kShort;
  Start();
  EXPECT_THAT(Say("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"), ::testing::EndsWith("hello \n"));
  EXPECT_EQ(metrics_.count(Cut::kIdle), 1);
}

// Bytes of an HTTP/2 connection.
std::string Frame(uint8_t kind, uint8_t flags, uint32_t stream, const std::string& payload) {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift & 0xff);
  frame += static_cast<char>(kind);
  frame += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift & 0xff);
  return frame + payload;
}
constexpr uint8_t kHeaders = 1, kPriority = 2, kReset = 3, kSettings = 4;
constexpr uint8_t kEndStream = 1, kEndHeaders = 4;
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, "");

TEST_F(HttpLimitsTest, FramesWithoutUseAreCutOffAsTheFlagSays) {
  options_.http.http2.max_useless_frames = 10;
  Start();
  const std::string priority = Frame(kPriority, 0, 1, std::string(5, '\0'));
  std::string frames = kPreface;
  for (int i = 0; i < 50; ++i) frames += priority;
  Say(frames);
  EXPECT_EQ(metrics_.count(Cut::kFloodPriority), 1);
}

// A client that reset its requests left 16 KiB with each, for as long as the handler took, and nobody counted them.
TEST_F(HttpLimitsTest, RequestsHoldTheirHeadersUntilTheyAreHandled) {
  Start();
  const int64_t before = metrics_.http_bytes.load();
  // GET /held; x: 8,000 bytes.
  std::string headers = "\x82\x86";
  headers += std::string("\x04\x05/held", 7) + std::string("\x01\x01h", 3);
  headers += std::string("\x00\x01x\x7f\xc1\x3d", 6) + std::string(8000, 'v');
  RawConnection client(port());
  client.Write(kPreface + Frame(kHeaders, kEndHeaders, 1, headers));
  while (metrics_.http_bytes.load() - before < 8000) std::this_thread::yield();
  client.Write(Frame(0, kEndStream, 1, ""));
  while (metrics_.http_bytes.load() - before >= 8000) std::this_thread::yield();
  EXPECT_GT(metrics_.http_bytes.load(), before);
  client.Write(Frame(kReset, 0, 1, std::string("\0\0\0\x08", 4)));
  while (metrics_.streams.load() > 0) std::this_thread::yield();
  EXPECT_GT(metrics_.http_bytes.load(), before) << "the handler has it";
  EXPECT_LT(metrics_.http_bytes.load(), before + 4096);
  AnswerHeld("nobody");
  while (metrics_.http_bytes.load() != before) std::this_thread::yield();
}

// A request that does not end, with as many bytes of headers.
std::string UnfinishedGet(uint32_t stream, size_t bytes) {
  std::string headers = "\x82\x86";
  headers += std::string("\x04\x06/hello", 8) + std::string("\x01\x01h", 3);
  for (; bytes > 0; bytes -= 100) headers += std::string("\x00\x01x\x64", 4) + std::string(100, 'v');
  return Frame(kHeaders, kEndHeaders, stream, headers);
}

// They were counted and never refused, and with them went the room of predictions.
TEST_F(HttpLimitsTest, LargeHeadersAreRefusedWhereThereIsNoRoomForThem) {
  options_.http.max_bytes_held = 100 << 10;
  Start();
  RawConnection client(port());
  client.Write(kPreface);
  for (uint32_t i = 0; i < 50; ++i) client.Write(UnfinishedGet(2 * i + 1, 8000));
  const auto is_full = [&] { return metrics_.count(Cut::kBytesHeld) > 0 || metrics_.http_bytes.load() > 300000; };
  while (!is_full()) std::this_thread::yield();
  EXPECT_LT(metrics_.http_bytes.load(), (100 << 10) + (100 << 10) / 8 + 50 * (1 << 10));
  EXPECT_EQ(BodyOf(Request("GET", "/hello")), "hello \n") << "those of probes are small";
  const std::string large = "X: " + std::string(14000, 'v') + "\r\n";
  EXPECT_EQ(BodyOf(Request("GET", "/hello", large)), "the server holds too much for other clients: try again later\n");
}

TEST_F(HttpLimitsTest, LargeHeadersLeaveAloneWhatIsKeptForPredictions) {
  MemoryBudget memory(100 << 10, 60 << 10);
  memory.Follow(MemoryUse::kHttp, &metrics_.http_bytes);
  options_.http.memory = &memory;
  Start();
  const std::string large = "X: " + std::string(5000, 'v') + "\r\n";
  EXPECT_EQ(BodyOf(Request("GET", "/hello", large)), "hello \n");
  absl::StatusOr<MemoryClaim> tables = memory.Claim(MemoryUse::kTables, 39 << 10);
  ASSERT_TRUE(tables.ok());
  EXPECT_EQ(BodyOf(Request("GET", "/hello", large)), "the server holds too much for other clients: try again later\n");
  EXPECT_EQ(metrics_.count(Cut::kBytesHeld), 1);
  EXPECT_EQ(BodyOf(Request("GET", "/hello")), "hello \n") << "those of probes are small";
  tables->Clear();
  EXPECT_EQ(BodyOf(Request("GET", "/hello", large)), "hello \n");
}

TEST_F(HttpLimitsTest, AnAnswerThatTakesLongIsWaitedFor) {
  options_.http.header_timeout = options_.http.body_timeout = options_.http.idle_timeout = kShort;
  Start();
  RawConnection slow(port());
  slow.Write("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
  // The limits of another connection pass meanwhile.
  EXPECT_EQ(StatusOf(Say("GET /hello HTTP/1.1\r\nHost:")), "408 Request Timeout");
  AnswerHeld("at last");
  EXPECT_EQ(BodyOf(slow.ReadAnswer()), "at last\n");
}

TEST_F(HttpLimitsTest, ManySilentClientsDelayNobody) {
  Start();
  std::vector<RawConnection> silent;
  for (int i = 0; i < 300; ++i) {
    silent.emplace_back(port());
    if (i % 3 == 0) silent.back().Write("GET /hello HTTP/1.1\r\nHost:");
    if (i % 3 == 1) silent.back().Write("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nb");
  }
  EXPECT_EQ(BodyOf(Request("GET", "/hello")), "hello \n");
}

TEST_F(HttpLimitsTest, AnswersThatNobodyReadsAreBounded) {
  options_.http.max_bytes_held = int64_t{3} << 20;
  Start();
  // The kernel takes some of an answer; the rest is held.
  std::vector<RawConnection> readers;
  for (int i = 0; i < 20; ++i) {
    readers.emplace_back(port());
    // Many answers: only one of them is made at a time.
    for (int k = 0; k < 20; ++k) readers.back().Write("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    // Small answers are always given.
    EXPECT_EQ(BodyOf(Request("GET", "/hello")), "hello \n");
    const std::string answer = Request("GET", "/large");
    if (StatusOf(answer) != "503 Service Unavailable") continue;
    ++refused;
    EXPECT_EQ(BodyOf(answer), "the server holds too much for other clients: try again later\n");
  }
  EXPECT_GT(refused, 0);
  EXPECT_GE(metrics_.count(Cut::kBytesHeld), refused);
  EXPECT_LE(metrics_.http_bytes.load(), (int64_t{3} << 20) + 20 * int64_t{64 << 10});
}

// They counted as bytes of calls, and calls of other clients were refused for them.
TEST_F(HttpLimitsTest, WhatThePortHoldsTakesNothingFromCalls) {
  Start();
  std::vector<RawConnection> readers;
  constexpr int kReaders = 5;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back(port());
    for (int k = 0; k < 20; ++k) readers.back().Write("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  const auto held = [&] { return metrics_.http_bytes.load() + metrics_.bytes_held.load(); };
  while (held() < kReaders * int64_t{testing::kLargeBytes}) std::this_thread::yield();
  EXPECT_LT(metrics_.bytes_held.load(), int64_t{testing::kLargeBytes});
}

// It was counted for each of its readers.
TEST_F(HttpLimitsTest, ABodyThatIsSharedIsCountedWhereItIsMade) {
  Start();
  std::vector<RawConnection> readers;
  for (int i = 0; i < 5; ++i) {
    readers.emplace_back(port());
    for (int k = 0; k < 20; ++k) readers.back().Write("GET /shared HTTP/1.1\r\nHost: h\r\n\r\n");
    // Whoever made it holds it, and those who got it.
    while (shared_.use_count() < i + 2) std::this_thread::yield();
  }
  EXPECT_LT(metrics_.http_bytes.load() + metrics_.bytes_held.load(), int64_t{testing::kLargeBytes});
}

// A page of metrics that is larger than the limit was refused for itself, for ever.
TEST_F(HttpLimitsTest, ABodyThatIsSharedIsNotRefusedForItself) {
  options_.http.max_bytes_held = int64_t{testing::kLargeBytes} / 2;
  Start();
  metrics_.http_bytes.fetch_add(int64_t{testing::kLargeBytes});
  EXPECT_EQ(StatusOf(Request("GET", "/shared")), "200 OK");
  metrics_.http_bytes.fetch_sub(int64_t{testing::kLargeBytes});
}

// Whoever reads slowly enough shut out everybody else from pages of metrics.
TEST_F(HttpLimitsTest, WhatOneAddressHoldsLeavesRoomForOthers) {
  options_.http.max_bytes_held = 8 * int64_t{testing::kLargeBytes};
  Start();
  const std::string request = "GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  std::vector<RawConnection> readers;
  while (metrics_.count(Cut::kBytesHeld) == 0) {
    readers.emplace_back(port());
    for (int k = 0; k < 20; ++k) readers.back().Write("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(BodyOf(Request("GET", "/hello")), "hello \n");
  }
  EXPECT_EQ(StatusOf(Request("GET", "/large")), "503 Service Unavailable");
  RawConnection other(port(), INADDR_LOOPBACK + 1);
  other.Write(request);
  EXPECT_EQ(StatusOf(other.ReadAll()), "200 OK");
}

TEST_F(HttpLimitsTest, BodiesInSmallPiecesCountToo) {
  options_.http.max_bytes_held = 50 << 10;
  Start();
  RawConnection connection(port());
  const auto chunked = [&connection](int pieces) {
    connection.Write("POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < pieces; ++i) connection.Write(absl::StrCat("400\r\n", std::string(1024, 'b'), "\r\n"));
    connection.Write("0\r\n\r\n");
    return connection.ReadAnswer();
  };
  EXPECT_EQ(BodyOf(chunked(40)), "40960\n");
  EXPECT_EQ(metrics_.http_bytes.load(), 0);
  EXPECT_EQ(BodyOf(chunked(60)), "the server holds too much for other clients: try again later\n");
  EXPECT_EQ(metrics_.count(Cut::kBytesHeld), 1);
}

TEST_F(HttpLimitsTest, AClientThatDoesNotReadItsAnswerIsCutOff) {
  options_.connection.write_timeout = kShort;
  Start();
  RawConnection reader(port());
  for (int i = 0; i < 20; ++i) reader.Write("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  while (metrics_.count(Cut::kWrite) == 0) EXPECT_EQ(BodyOf(Request("GET", "/hello")), "hello \n");
  EXPECT_EQ(metrics_.count(Cut::kWrite), 1);
}

}  // namespace
}  // namespace roicast
