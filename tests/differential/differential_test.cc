// Random calls, right and wrong, to a server on this transport and to one on gRPC's C core: both have to give the same
// status and the same bytes, but for what is listed here.
//
// ROICAST_DIFFERENTIAL_CALLS: how many; ROICAST_DIFFERENTIAL_SEED: another seed.
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/transport/grpc/wire.h"
#include "tests/differential/conversation.h"
#include "tests/differential/echo_servers.h"

namespace roicast {
namespace {

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  int value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

bool Same(const RawCall& call, const Outcome& ours, const Outcome& reference) {
  // How far either server came before the reset is chance.
  if (call.resets) return ours.unanswered == reference.unanswered;
  return ours.http_status == reference.http_status && ours.grpc_status == reference.grpc_status &&
         ours.messages == reference.messages && ours.reset == reference.reset &&
         ours.unanswered == reference.unanswered;
}

// What the body of a call is.
struct Body {
  int messages = 0;
  bool torn = false;
  bool compressed = false;
  bool bad_flag = false;
  bool too_large = false;
};

Body BodyOf(const RawCall& call) {
  std::string bytes;
  for (const std::string& part : call.parts) bytes += part;
  Body body;
  absl::string_view left = bytes;
  while (!left.empty()) {
    const auto byte = [left](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(left[i])); };
    body.bad_flag |= byte(0) > 1;
    body.compressed |= byte(0) == 1;
    if (left.size() < 5) {
      body.torn = true;
      break;
    }
    const size_t size = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
    body.too_large |= size > kMaxMessageBytes;
    if (left.size() - 5 < size) {
      body.torn = true;
      break;
    }
    ++body.messages;
    left.remove_prefix(5 + size);
  }
  return body;
}

bool Has(const RawCall& call, absl::string_view name) {
  return std::any_of(call.headers.begin(), call.headers.end(),
                     [name](const auto& header) { return header.first == name; });
}

// Why the outcomes may differ; nullopt: they may not.
std::optional<std::string> Deliberate(const RawCall& call, const Outcome& ours, const Outcome& reference) {
  const Body body = BodyOf(call);
  if (!Has(call, ":authority") && ours.reset == 1) {
    return "no :authority: nghttp2 resets with PROTOCOL_ERROR (RFC 9113, 8.3.1), the reference does without";
  }
  if (call.header(":method") != "POST" && ours.http_status == "405") {
    return "another method than POST: 405, as the protocol maps it; the reference says UNKNOWN with 200";
  }
  if (ours.http_status == "415") {
    return "not gRPC's content-type: 415, as the protocol wants it; the reference takes anything";
  }
  if (!Has(call, "te") && ours.grpc_status == "13") {
    return "no te: INTERNAL; the reference says UNKNOWN";
  }
  const absl::string_view timeout = call.header("grpc-timeout");
  if (Has(call, "grpc-timeout") && !ParseTimeout(timeout).has_value() && ours.grpc_status == "13") {
    return "a grpc-timeout that is none: INTERNAL; the reference takes no notice of it";
  }
  const absl::string_view encoding = call.header("grpc-encoding");
  if (!encoding.empty() && encoding != "identity" && encoding != "gzip" && ours.grpc_status == "12") {
    return "an encoding that there is not (deflate is not offered): UNIMPLEMENTED; the reference minds only what is "
           "compressed";
  }
  if (call.header(":path") == kUnaryPath && body.messages != 1 && ours.grpc_status == "12") {
    return "a unary call without a message or with two: UNIMPLEMENTED; the reference takes the first";
  }
  if (call.header(":path") == kStreamPath && ours.grpc_status == "13" && reference.grpc_status == "0" &&
      (body.bad_flag || body.compressed || body.torn)) {
    return "a message of a stream that cannot be read: INTERNAL; the reference's handler sees the end of the stream";
  }
  if ((body.compressed || body.bad_flag) && call.header(":path") == kUnaryPath && ours.grpc_status == "13") {
    return "a message's first byte is wrong, or compression that nobody announced: INTERNAL; the reference may read it "
           "all the same";
  }
  if (body.compressed && reference.reset == NGHTTP2_INTERNAL_ERROR) {
    return "not gzip: INTERNAL, or too large by its own claim; the reference resets the stream";
  }
  if (body.torn && body.too_large && ours.grpc_status == "8") {
    return "too large by its prefix, and torn: RESOURCE_EXHAUSTED as soon as the prefix is there; the reference waits "
           "for the rest";
  }
  if (body.torn && ours.grpc_status == "13" && reference.grpc_status == "0") {
    return "the request ends within a message: INTERNAL; the reference forgets the bytes";
  }
  if (call.header(":path") == kStreamPath && reference.grpc_status == "8") {
    return "a message of a stream that is too large: the item is refused and the stream goes on; the reference ends it";
  }
  if (Has(call, "x-bytes-bin") && (reference.grpc_status == "14" || reference.unanswered)) {
    return "metadata that is not base64: the method's affair; the reference says UNAVAILABLE, or nothing";
  }
  return std::nullopt;
}

// Over the connection if it can be used, and over a new one if it turns out that it cannot: gRPC's server closes some
// after a call that is wrong.
Outcome Call(std::unique_ptr<RawClient>& client, int port, const RawCall& call) {
  if (client != nullptr && client->usable()) {
    Outcome outcome = client->Send(call);
    if (!outcome.unanswered) return outcome;
  }
  client = std::make_unique<RawClient>(port);
  return client->Send(call);
}

std::string Frames(const RawCall& call) {
  std::string text = "in parts of";
  for (size_t i = 0; i < call.parts.size(); ++i)
    absl::StrAppend(&text, " ", call.parts[i].size(), call.between.substr(i, 1));
  return text;
}

TEST(Differential, TheSameStatusAndBytesAsGrpc) {
  EchoServer ours;
  ReferenceServer reference;
  std::mt19937_64 random(static_cast<uint64_t>(FromEnvironment("ROICAST_DIFFERENTIAL_SEED", 1)));
  auto to_ours = std::make_unique<RawClient>(ours.port());
  std::unique_ptr<RawClient> to_reference;
  std::map<std::string, int> deliberate;
  int differences = 0;
  const int calls = FromEnvironment("ROICAST_DIFFERENTIAL_CALLS", 3000);
  for (int i = 0; i < calls && differences < 20; ++i) {
    const RawCall call = RandomCall(random);
    if (!to_ours->usable()) {
      ADD_FAILURE() << "call " << i << ": the connection was closed after the call before";
      to_ours = std::make_unique<RawClient>(ours.port());
    }
    const Outcome our_outcome = to_ours->Send(call);
    const Outcome its_outcome = Call(to_reference, reference.port(), call);
    if (Same(call, our_outcome, its_outcome)) continue;
    if (const auto why = Deliberate(call, our_outcome, its_outcome); why.has_value()) {
      ++deliberate[*why];
      continue;
    }
    ++differences;
    ADD_FAILURE() << "call " << i << " to " << call.header(":path") << ": " << call.mutations << Frames(call)
                  << "\n  ours: " << our_outcome.ToString() << "\n  gRPC: " << its_outcome.ToString();
  }
  for (const auto& [why, count] : deliberate) std::cout << count << " × " << why << std::endl;
}

}  // namespace
}  // namespace roicast
