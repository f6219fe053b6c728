// The same routes over HTTP/2, as curl speaks it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/transport/http/http_server_fixture.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using testing::BodyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::RunProcess;
using ::testing::StartsWith;

class Http2Port : public testing::HttpServerTest {
 protected:
  void SetUp() override {
    const auto version = RunProcess({"/usr/bin/curl", "--version"});
    if (!version.ok() || version->output.find("HTTP2") == std::string::npos) {
      GTEST_SKIP() << "there is no curl with HTTP/2 on this machine";
    }
  }
  // What curl prints: head and body.
  std::string Curl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"/usr/bin/curl", "--silent", "--include", "--max-time", "20", "--http2-prior-knowledge"});
    const auto ran = RunProcess(arguments);
    EXPECT_TRUE(ran.ok()) << ran.status();
    return ran.ok() ? ran->output : "";
  }
  std::string Url(const std::string& target) { return absl::StrCat("http://127.0.0.1:", port(), target); }

  const testing::TempDir folder_;
};

TEST_F(Http2Port, AnswersWithWhatTheRouteSays) {
  Start();
  EXPECT_THAT(Curl({Url("/hello?you")}),
              AllOf(StartsWith("HTTP/2 200 \r\ndate: "),
                    EndsWith("\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 10\r\n"
                             "cache-control: no-store\r\n\r\nhello you\n")));
  EXPECT_EQ(BodyOf(Curl({Url("/large")})), std::string(testing::kLargeBytes, 'x'));
  EXPECT_EQ(BodyOf(Curl({Url("/stream")})), "piece 0\npiece 1\npiece 2\n");
}

TEST_F(Http2Port, HeadHasTheHeadersOfGetAndNoBody) {
  Start();
  EXPECT_THAT(Curl({"--head", Url("/large")}),
              AllOf(StartsWith("HTTP/2 200 \r\n"), HasSubstr("content-length: 1048576\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(Http2Port, BodiesAreTakenUpToTheLimit) {
  Start();
  EXPECT_EQ(BodyOf(Curl({"--data", "abc", Url("/echo")})), "abc");
  EXPECT_THAT(Curl({"--data", std::string(1001, 'b'), Url("/echo")}),
              AllOf(StartsWith("HTTP/2 413 \r\n"), EndsWith("body: expected at most 1000 bytes, got 1001\n")));
  // Without a length, and so large that it is still being sent when it is answered.
  const std::string file = folder_.File("body");
  std::ofstream(file) << std::string(3000000, 'b');
  EXPECT_THAT(Curl({"--request", "POST", "--upload-file", file, "--header", "Content-Length:", Url("/echo")}),
              AllOf(StartsWith("HTTP/2 413 \r\n"), EndsWith("body: expected at most 1000 bytes, got more\n")));
}

TEST_F(Http2Port, RefusalsAreThoseOfHttp11) {
  Start();
  EXPECT_THAT(Curl({Url("/nowhere")}), AllOf(StartsWith("HTTP/2 404 \r\n"), EndsWith("got /nowhere\n")));
  EXPECT_THAT(Curl({"--request", "DELETE", Url("/hello")}),
              AllOf(StartsWith("HTTP/2 405 \r\n"), HasSubstr("\r\nallow: GET, HEAD\r\n"),
                    EndsWith("DELETE is not allowed: expected GET or HEAD\n")));
  EXPECT_THAT(Curl({Url(absl::StrCat("/hello?", std::string(20000, 'q')))}),
              AllOf(StartsWith("HTTP/2 431 "),
                    HasSubstr("\r\ngrpc-message: headers: expected at most 16384 bytes and 100 fields, got more; "
                              "--max_header_bytes and --max_headers change it\r\n")));
  EXPECT_THAT(Curl({Url("/dropped")}), StartsWith("HTTP/2 500 "));
}

TEST_F(Http2Port, ABodyThatComesTooLateIs408) {
  options_.http.body_timeout = absl::Milliseconds(50);
  Start();
  EXPECT_THAT(Curl({"--limit-rate", "10", "--data", std::string(100, 'b'), Url("/echo")}),
              AllOf(StartsWith("HTTP/2 408 \r\n"), HasSubstr("body: expected all of it within 50ms, got ")));
  EXPECT_EQ(metrics_.count(Cut::kBody), 1);
}

}  // namespace
}  // namespace roicast
