// HTTP/1.1 on the port: what people, probes and scrapers may say, and what comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/transport/http/http_server_fixture.h"
#include "tests/testing/process.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using testing::BodyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::HttpServerTest;
using ::testing::Not;
using testing::RawConnection;
using ::testing::StartsWith;
using testing::StatusOf;

class HttpPort : public HttpServerTest {
 protected:
  HttpPort() { Start(); }
};

TEST_F(HttpPort, AnswersWithWhatTheRouteSays) {
  const std::string answer = Request("GET", "/hello?you");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n"
                                "Cache-Control: no-store\r\nConnection: close\r\n\r\nhello you\n"));
}

TEST_F(HttpPort, AConnectionServesManyRequests) {
  RawConnection connection(port());
  for (int i = 0; i < 3; ++i) {
    connection.Write(absl::StrCat("GET /hello?", i, " HTTP/1.1\r\nHost: h\r\n\r\n"));
    const std::string answer = connection.ReadAnswer();
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), Not(HasSubstr("Connection:")),
                              EndsWith(absl::StrCat("\r\n\r\nhello ", i, "\n"))));
  }
}

TEST_F(HttpPort, RequestsInSingleBytesAreAnswered) {
  const std::string request =
      "\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  RawConnection connection(port());
  for (const char byte : request) connection.Write({&byte, 1});
  EXPECT_THAT(connection.ReadAnswer(), EndsWith("\r\n\r\nabc"));
}

TEST_F(HttpPort, PipelinedRequestsAreAnsweredInOrder) {
  constexpr int kRequests = 500;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) {
    // A later one must not overtake a large answer, or one that comes from another thread.
    if (i == 100) absl::StrAppend(&requests, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    if (i == 200) absl::StrAppend(&requests, "GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    absl::StrAppend(&requests, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n", 1000 + i);
  }
  RawConnection connection(port());
  later_ = std::thread([this] { AnswerHeld("held"); });
  connection.Write(requests);
  for (int i = 0; i < kRequests; ++i) {
    if (i == 100) {
      EXPECT_EQ(BodyOf(connection.ReadAnswer()), std::string(testing::kLargeBytes, 'x'));
    }
    if (i == 200) {
      EXPECT_EQ(BodyOf(connection.ReadAnswer()), "held\n");
    }
    ASSERT_EQ(BodyOf(connection.ReadAnswer()), absl::StrCat(1000 + i));
  }
}

TEST_F(HttpPort, WhoHasFinishedSendingGetsTheAnswer) {
  RawConnection connection(port());
  connection.Write("GET /held HTTP/1.1\r\nHost: h\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  connection.EndWriting();
  AnswerHeld("late");
  EXPECT_THAT(connection.ReadAll(), AllOf(HasSubstr("\r\n\r\nlate\nHTTP/1.1 200 OK\r\n"), EndsWith("hello \n")));
}

TEST_F(HttpPort, AHandlerThatGivesNoAnswerIs500) {
  const std::string answer = Request("GET", "/dropped");
  EXPECT_EQ(StatusOf(answer), "500 Internal Server Error");
  EXPECT_EQ(BodyOf(answer), "the handler gave no answer\n");
}

TEST_F(HttpPort, HeadHasTheHeadersOfGetAndNoBody) {
  EXPECT_THAT(Request("HEAD", "/hello"), AllOf(HasSubstr("\r\nContent-Length: 7\r\n"), EndsWith("\r\n\r\n")));
  RawConnection connection(port());
  connection.Write("HEAD /large HTTP/1.1\r\nHost: h\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(connection.ReadUntil("\r\n\r\n"), HasSubstr("\r\nContent-Length: 1048576\r\n"));
  EXPECT_THAT(connection.ReadAnswer(), EndsWith("\r\n\r\nhello \n"));
}

TEST_F(HttpPort, StreamsAreChunkedAndEndWithTheConnectionInHttp10) {
  const std::string chunked = Request("GET", "/stream");
  EXPECT_THAT(chunked, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(BodyOf(chunked), "00008\r\npiece 0\n\r\n00008\r\npiece 1\n\r\n00008\r\npiece 2\n\r\n0\r\n\r\n");
  const std::string plain = Say("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_THAT(plain, AllOf(Not(HasSubstr("Transfer-Encoding")), HasSubstr("\r\nConnection: close\r\n")));
  EXPECT_EQ(BodyOf(plain), "piece 0\npiece 1\npiece 2\n");
}

TEST_F(HttpPort, Http10ClosesUnlessAskedNotTo) {
  EXPECT_THAT(Say("GET /hello HTTP/1.0\r\n\r\n"), AllOf(HasSubstr("\r\nConnection: close\r\n"), EndsWith("hello \n")));
  RawConnection connection(port());
  connection.Write("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(connection.ReadAnswer(), HasSubstr("\r\nConnection: keep-alive\r\n"));
  connection.Write("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(connection.ReadAll(), EndsWith("hello \n"));
}

TEST_F(HttpPort, BodiesUpToTheLimitAreTaken) {
  const std::string body(testing::kEchoLimit, 'b');
  EXPECT_EQ(BodyOf(Request("POST", "/echo", "Content-Length: 1000\r\n", body)), body);
  EXPECT_EQ(
      BodyOf(Request("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                     absl::StrCat("1f4\r\n", body.substr(500), "\r\n1f4\r\n", body.substr(500), "\r\n0\r\n\r\n"))),
      body);
  EXPECT_EQ(BodyOf(Request("POST", "/echo", "Content-Length: 0\r\n")), "");
  EXPECT_EQ(StatusOf(Request("POST", "/echo")), "200 OK");
}

TEST_F(HttpPort, LargerBodiesAre413) {
  const std::string announced = Request("POST", "/echo", "Content-Length: 1001\r\n", std::string(1001, 'b'));
  EXPECT_EQ(StatusOf(announced), "413 Content Too Large");
  EXPECT_EQ(BodyOf(announced), "body: expected at most 1000 bytes, got 1001\n");
  const std::string chunked =
      Request("POST", "/echo", "Transfer-Encoding: chunked\r\n", absl::StrCat("3e9\r\n", std::string(1001, 'b')));
  EXPECT_EQ(StatusOf(chunked), "413 Content Too Large");
  EXPECT_EQ(BodyOf(chunked), "body: expected at most 1000 bytes, got more\n");
  // A route that takes no body.
  EXPECT_EQ(BodyOf(Request("GET", "/hello", "Content-Length: 1\r\n", "b")), "body: expected at most 0 bytes, got 1\n");
  EXPECT_EQ(metrics_.count(Cut::kMessageBytes), 3);
}

TEST_F(HttpPort, AnAnswerThatComesBeforeTheBodyReachesTheClient) {
  RawConnection connection(port());
  connection.Write("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  connection.Write(std::string(3000000, 'b'));
  EXPECT_THAT(connection.ReadAll(), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("\r\nConnection: close\r\n")));
}

TEST_F(HttpPort, ExpectIsAnsweredBeforeTheBodyComes) {
  RawConnection connection(port());
  connection.Write("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(connection.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  connection.Write("abc");
  EXPECT_THAT(connection.ReadAnswer(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nabc")));
  // Where there is no use in a body.
  connection.Write("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(connection.ReadAll(), AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET, HEAD\r\n")));
  const std::string other = Request("POST", "/echo", "Expect: a-miracle\r\n");
  EXPECT_EQ(StatusOf(other), "417 Expectation Failed");
  EXPECT_EQ(BodyOf(other), "Expect: expected 100-continue, got a-miracle\n");
}

TEST_F(HttpPort, OtherPathsAndMethodsAreRefusedAndTheConnectionStays) {
  RawConnection connection(port());
  connection.Write("GET /hello/../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\nBREW /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string missing = connection.ReadAnswer();
  EXPECT_EQ(StatusOf(missing), "404 Not Found");
  EXPECT_EQ(
      BodyOf(missing),
      "not found: expected /dropped, /echo, /held, /hello, /large, /shared, /stream or /upload, got /hello/../etc/passwd\n");
  const std::string refused = connection.ReadAnswer();
  EXPECT_EQ(StatusOf(refused), "405 Method Not Allowed");
  EXPECT_THAT(refused,
              AllOf(HasSubstr("\r\nAllow: GET, HEAD\r\n"), EndsWith("BREW is not allowed: expected GET or HEAD\n")));
}

TEST_F(HttpPort, LongAddressesAreTakenUpToTheLimitOfHeaders) {
  EXPECT_EQ(BodyOf(Request("GET", absl::StrCat("/hello?", std::string(5000, 'q')))),
            absl::StrCat("hello ", std::string(5000, 'q'), "\n"));
  const std::string answer = Request("GET", absl::StrCat("/hello?", std::string(20000, 'q')));
  EXPECT_EQ(StatusOf(answer), "431 Request Header Fields Too Large");
  EXPECT_EQ(BodyOf(answer),
            "headers: expected at most 16384 bytes and 100 fields, got more; --max_header_bytes and --max_headers "
            "change it\n");
  std::string many;
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, "X-", i, ": y\r\n");
  EXPECT_THAT(Request("GET", "/hello", many), StartsWith("HTTP/1.1 431 "));
  EXPECT_EQ(metrics_.count(Cut::kHeaderBytes), 2);
}

TEST_F(HttpPort, Http11NeedsOneHost) {
  EXPECT_EQ(BodyOf(Say("GET /hello HTTP/1.1\r\n\r\n")), "expected one Host header, got 0\n");
  const std::string two = Say("GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n");
  EXPECT_EQ(StatusOf(two), "400 Bad Request");
  EXPECT_EQ(BodyOf(two), "expected one Host header, got 2\n");
}

TEST_F(HttpPort, WhatIsNoHttpIs400) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00", 5), std::string("hello\r\n\r\n"), std::string("GET / HTTP/1.1\n\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")}) {
    const std::string answer = Say(bytes);
    EXPECT_EQ(StatusOf(answer), "400 Bad Request") << bytes;
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  }
  EXPECT_EQ(metrics_.count(Cut::kProtocol), 4);
}

TEST_F(HttpPort, CodingsThatCouldHideARequestAreRefused) {
  for (const char* const headers :
       {"Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"}) {
    const std::string answer = Request("POST", "/echo", headers, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(StatusOf(answer), "501 Not Implemented") << headers;
    EXPECT_THAT(answer, Not(HasSubstr("hello"))) << headers;
  }
}

TEST_F(HttpPort, ClosedConnectionsAreForgotten) {
  {
    std::vector<RawConnection> connections;
    for (int i = 0; i < 50; ++i) {
      connections.emplace_back(port());
      connections.back().Write("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    connections.emplace_back(port());
    connections.back().Write("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    AnswerHeld("then");
  }
  server_->Shutdown(absl::Seconds(5));
  EXPECT_EQ(metrics_.connections.load(), 0);
  EXPECT_EQ(metrics_.bytes_held.load(), 0);
  EXPECT_EQ(metrics_.http_bytes.load(), 0);
}

TEST_F(HttpPort, AStopAnswersWhatIsUnderWay) {
  RawConnection idle(port());
  idle.Write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(BodyOf(idle.ReadAnswer()), "hello \n");
  RawConnection busy(port());
  busy.Write("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
  later_ = std::thread([this] { AnswerHeld("last"); });
  later_.join();
  server_->Shutdown(absl::Seconds(5));
  EXPECT_EQ(BodyOf(busy.ReadAll()), "last\n");
  EXPECT_EQ(idle.ReadAll(), "");
}

// [::] took IPv4, too, and found it taken.
TEST_F(HttpPort, IPv6LeavesIPv4ToAnotherAddressOfTheSamePort) {
  if (!std::filesystem::exists("/proc/net/if_inet6")) GTEST_SKIP() << "this machine has no IPv6";
  // Another process may take the port in between.
  const std::vector<std::string> any = options_.http_listen;
  int free_port = 0;
  absl::Status started = absl::UnavailableError("not tried");
  for (int i = 0; i < 20 && !started.ok(); ++i) {
    if (i > 0) {
      options_.http_listen = any;
      Start();
    }
    free_port = port();
    server_->Shutdown(absl::Seconds(5));
    options_.http_listen = {absl::StrCat("0.0.0.0:", free_port), absl::StrCat("[::]:", free_port)};
    started = TryStart();
  }
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_EQ(BodyOf(Request("GET", "/hello?four")), "hello four\n");
  const auto ran =
      testing::RunProcess({"/usr/bin/curl", "--silent", absl::StrCat("http://[::1]:", free_port, "/hello?six")});
  ASSERT_TRUE(ran.ok()) << ran.status();
  EXPECT_EQ(ran->output, "hello six\n");
}

}  // namespace
}  // namespace roicast
