#include "server/transport/http/http1_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

using Event = Http1Parser::Event;
using ::testing::HasSubstr;

constexpr size_t kMaxBytes = 1000;
constexpr size_t kMaxFields = 10;

// What becomes of bytes that arrive `step` at a time.
struct Parsed {
  std::string head;
  std::string body;
  bool complete = false;
  int error_status = 0;
  std::string error;
  std::string left;
};

Parsed ParseInSteps(absl::string_view bytes, size_t step) {
  Http1Parser parser(kMaxBytes, kMaxFields);
  parser.Begin();
  Parsed parsed;
  std::string waiting;
  while (!bytes.empty()) {
    absl::StrAppend(&waiting, bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    absl::string_view view = waiting;
    for (Event event = Event::kBody; event != Event::kNeedMore;) {
      event = parser.Parse(&view);
      if (event == Event::kHeaders) {
        absl::StrAppend(&parsed.head, parser.method(), " ", parser.target(), parser.is_http11() ? " 1.1" : " 1.0");
        for (size_t i = 0; i < parser.headers().size(); ++i) {
          absl::StrAppend(&parsed.head, "|", parser.headers()[i].name, "=", parser.headers()[i].value);
        }
      }
      if (event == Event::kBody) absl::StrAppend(&parsed.body, parser.body());
      if (event == Event::kError) {
        parsed.error_status = parser.error_status();
        parsed.error = parser.error();
        return parsed;
      }
      if (event == Event::kEnd) {
        parsed.complete = true;
        parsed.left = absl::StrCat(view, bytes);
        return parsed;
      }
    }
    waiting = std::string(view);
  }
  return parsed;
}

TEST(Http1Parser, RequestsComeOutTheSameHoweverTheyArrive) {
  const std::string requests[] = {
      "GET /a?b HTTP/1.1\r\nHost: h\r\nX-Y:  z \r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
      "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
      "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
      "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: t\r\n\r\n"};
  const std::string heads[] = {"GET /a?b 1.1|host=h|x-y=z", "GET / 1.0", "POST /p 1.1|host=h|content-length=5",
                               "POST /p 1.1|host=h|transfer-encoding=chunked",
                               "POST /p 1.1|host=h|transfer-encoding=chunked"};
  for (size_t i = 0; i < std::size(requests); ++i) {
    for (size_t step = 1; step <= requests[i].size() + 8; ++step) {
      const Parsed parsed = ParseInSteps(requests[i] + "GET /next", step);
      ASSERT_TRUE(parsed.complete) << requests[i] << step << parsed.error;
      EXPECT_EQ(parsed.head, heads[i]) << step;
      EXPECT_EQ(parsed.body, i < 2 ? "" : "hello") << step;
      EXPECT_EQ(parsed.left, "GET /next") << step;
    }
  }
}

TEST(Http1Parser, WhatIsNoRequestIs400) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x16\x03\x01\x02", "expected HTTP without TLS on this port, got a TLS handshake"},
      {std::string("\0\1", 2), "expected a line such as GET /metrics HTTP/1.1, got bytes that begin with 0x00"},
      {"GET / HTTP/1.1\nHost: h\n\n", "expected lines that end with CR LF, got LF alone"},
      {"GET /\r\n", "expected a line such as GET /metrics HTTP/1.1, got one without a version"},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", "bad version"},
      {"G{T / HTTP/1.1\r\nHost: h\r\n\r\n", "bad method"},
      {"GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", "bad target"},
      {"GET / HTTP/1.1\r\nHo st: h\r\n\r\n", "bad field"},
      {"GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", "bad value"},
      {"POST / HTTP/1.1\r\nContent-Length: 5x\r\n\r\n", "bad Content-Length"},
      // "bad" in Boost 1.74, "multiple" in 1.83.
      {"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", " Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "bad Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "bad Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "bad Content-Length"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", "bad chunk"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabcdefgh\r\n", "bad chunk"}};
  for (const auto& [bytes, why] : cases) {
    for (const size_t step : {size_t{1}, bytes.size()}) {
      const Parsed parsed = ParseInSteps(bytes, step);
      EXPECT_EQ(parsed.error_status, 400) << bytes << step;
      EXPECT_THAT(parsed.error, HasSubstr(why)) << bytes;
      EXPECT_THAT(parsed.error, ::testing::Not(HasSubstr("\n")));
    }
  }
}

TEST(Http1Parser, MutatedRequestsEndAsTheyArrive) {
  const std::string seeds[] = {
      "POST /p?q HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
      "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: t\r\n\r\n"};
  std::mt19937 random(1);
  const auto below = [&random](size_t limit) { return random() % limit; };
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = seeds[below(std::size(seeds))];
    for (size_t changes = 1 + below(3); changes > 0; --changes) {
      const size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes.erase(at, 1 + below(4));
          break;
        case 2:
          bytes.insert(at, 1, "\r\n0: ;,"[below(7)]);
          break;
        default:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(20)));
          break;
      }
      if (bytes.empty()) bytes = "G";
    }
    const Parsed whole = ParseInSteps(bytes, bytes.size());
    const Parsed slow = ParseInSteps(bytes, 1 + below(3));
    // What is wrong with a request that is not complete may be said earlier or later.
    ASSERT_EQ(whole.complete, slow.complete) << bytes << whole.error << slow.error;
    if (!whole.complete) continue;
    ASSERT_EQ(whole.head, slow.head) << bytes;
    ASSERT_EQ(whole.body, slow.body) << bytes;
    ASSERT_EQ(whole.left, slow.left) << bytes;
  }
}

TEST(Http1Parser, HeadersThatAreTooLargeOrTooManyAre431) {
  std::string many = "GET / HTTP/1.1\r\n";
  for (size_t i = 0; i <= kMaxFields; ++i) absl::StrAppend(&many, "a", i, ": b\r\n");
  const std::string cases[] = {
      many + "\r\n", absl::StrCat("GET /", std::string(kMaxBytes, 'a')),
      absl::StrCat("GET / HTTP/1.1\r\na: ", std::string(kMaxBytes, 'b')),
      // What is no header, but is kept until it is complete.
      absl::StrCat("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", std::string(kMaxBytes, 'x')),
      absl::StrCat("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nt: ", std::string(kMaxBytes, 'x'))};
  for (const std::string& bytes : cases) {
    for (const size_t step : {size_t{1}, bytes.size()}) {
      const Parsed parsed = ParseInSteps(bytes, step);
      EXPECT_EQ(parsed.error_status, 431) << bytes << step;
      EXPECT_EQ(parsed.error,
                "headers: expected at most 1000 bytes and 10 fields, got more; --max_header_bytes and --max_headers "
                "change it");
    }
  }
}

}  // namespace
}  // namespace roicast
