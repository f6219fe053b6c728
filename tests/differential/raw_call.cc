#include "tests/differential/raw_call.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/transport/grpc/message_reader.h"
#include "tests/differential/echo_servers.h"
#include "tests/differential/random_choice.h"

namespace roicast {
namespace {

constexpr size_t kMaxPart = 16384;

std::string Framed(absl::string_view message, char flag) {
  std::string framed(1, flag);
  for (int shift = 24; shift >= 0; shift -= 8) framed.push_back(static_cast<char>(message.size() >> shift));
  return absl::StrCat(framed, message);
}

void SetHeader(RawCall& call, absl::string_view name, const std::string& value) {
  for (auto& [known, current] : call.headers) {
    if (known == name) {
      current = value;
      return;
    }
  }
  call.headers.emplace_back(std::string(name), value);
}

void RemoveHeader(RawCall& call, absl::string_view name) {
  std::erase_if(call.headers, [name](const auto& header) { return header.first == name; });
}

// One change of the headers or of the body.
void Mutate(std::mt19937_64& random, RawCall& call, std::string& body) {
  const auto note = [&call](absl::string_view what) { absl::StrAppend(&call.mutations, what, "; "); };
  switch (random() % 20) {
    case 0:
      SetHeader(call, ":path", OneOf<std::string>(random, {"/x", "/", "/grpc.testing.TestService/", "/a/b/c"}));
      return note(absl::StrCat("path ", call.header(":path")));
    case 1:
      SetHeader(call, "content-type",
                OneOf<std::string>(random, {"application/grpc+proto", "application/grpc;v=1", "application/json", "",
                                            "application/grpcx", "Application/gRPC"}));
      return note(absl::StrCat("content-type ", call.header("content-type")));
    case 2:
      RemoveHeader(call, OneOf<std::string>(random, {"te", "content-type", ":authority", "user-agent"}));
      return note("a header less");
    case 3:
      SetHeader(call, ":method", OneOf<std::string>(random, {"GET", "PUT", "post", "OPTIONS"}));
      return note(absl::StrCat("method ", call.header(":method")));
    case 4:
      SetHeader(call, "grpc-timeout",
                OneOf<std::string>(random, {"10S", "1H", "99999999H", "1M", "20000m", "30000000u", "99999999n", "10",
                                            "S", "10s", "-1S", "1 S", "123456789S", "1.5S", ""}));
      return note(absl::StrCat("timeout ", call.header("grpc-timeout")));
    case 5:
      SetHeader(call, "grpc-encoding",
                OneOf<std::string>(random, {"identity", "gzip", "deflate", "snappy", "GZIP", ""}));
      return note(absl::StrCat("encoding ", call.header("grpc-encoding")));
    case 6: {
      SetHeader(call, "grpc-encoding", "gzip");
      SetHeader(call, "grpc-accept-encoding", "identity,gzip");
      const size_t size = OneOf<size_t>(random, {0, 5, 2000, kMaxMessageBytes, kMaxMessageBytes + 1, 1000000});
      body = Framed(DeflateGzip(std::string(size, 'x')), 1);
      return note(absl::StrCat("gzip of ", size));
    }
    case 7:
      if (!body.empty()) body[0] = static_cast<char>(OneOf<int>(random, {1, 2, 128, 255}));
      return note("flag");
    case 8:
      if (body.size() >= 5) body[4] = static_cast<char>(random());
      return note("length");
    case 9:
      body.clear();
      return note("no message");
    case 10:
      body += std::string(body);
      return note("twice");
    case 11:
      body = Framed(RandomText(random, OneOf<size_t>(random, {kMaxMessageBytes - 1, kMaxMessageBytes,
                                                              kMaxMessageBytes + 1, 2 * kMaxMessageBytes})),
                    0);
      return note("large");
    case 12:
      body.append(RandomText(random, 1 + random() % 10));
      return note("more bytes");
    case 13:
      body.resize(random() % (body.size() + 1));
      return note("truncated");
    case 14:
      if (!body.empty()) body[random() % body.size()] ^= static_cast<char>(1 << random() % 8);
      return note("a bit");
    case 15:
      call.headers.emplace_back("x-repeated", RandomText(random, random() % 50));
      call.headers.emplace_back("x-repeated", RandomText(random, random() % 2000));
      call.headers.emplace_back("x-bytes-bin", OneOf<std::string>(random, {"AAEC", "AAE=", "AAE", "", "AA,BB"}));
      return note("metadata");
    case 16:
      call.resets = true;
      return note("reset");
    case 17:
      call.trailers = true;
      return note("trailers");
    case 18:
      SetHeader(call, "grpc-accept-encoding",
                OneOf<std::string>(random, {"gzip", "identity", "deflate,gzip", "identity, gzip", "x", ""}));
      return note("accept-encoding");
    default:
      body = Framed("", 0);
      return note("empty message");
  }
}

}  // namespace

absl::string_view RawCall::header(absl::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

bool RawCall::has(absl::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [name](const auto& header) { return header.first == name; });
}

std::string RawCall::body() const {
  std::string bytes;
  for (const std::string& part : parts) bytes += part;
  return bytes;
}

RawCall RandomCall(std::mt19937_64& random) {
  RawCall call;
  call.headers = {{":method", "POST"},         {":scheme", "http"}, {":path", std::string(OneOf(random, AllPaths()))},
                  {":authority", "localhost"}, {"te", "trailers"},  {"content-type", "application/grpc"},
                  {"user-agent", "test"}};
  std::string body = Framed(RandomText(random, random() % 3000), 0);
  for (int i = static_cast<int>(random() % 4); i > 0; --i) Mutate(random, call, body);
  while (!body.empty()) {
    const size_t size = std::min({body.size(), size_t{1} + random() % (random() % 3 == 0 ? 20 : 8000), kMaxPart});
    call.parts.push_back(body.substr(0, size));
    body.erase(0, size);
    if (random() % 8 == 0) call.parts.emplace_back();
    if (call.parts.size() > 50) {
      for (; !body.empty(); body.erase(0, std::min(body.size(), kMaxPart)))
        call.parts.push_back(body.substr(0, kMaxPart));
    }
  }
  for (size_t i = 0; i < call.parts.size(); ++i) call.between.push_back("....swrp"[random() % 8]);
  return call;
}

}  // namespace roicast
