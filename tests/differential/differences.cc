#include "tests/differential/differences.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "server/transport/grpc/wire.h"
#include "tests/differential/echo_servers.h"

namespace roicast {
namespace {

// What the body of a call is.
struct Body {
  int messages = 0;
  bool torn = false;
  bool compressed = false;
  bool bad_flag = false;
  bool too_large = false;
};

Body BodyOf(const RawCall& call) {
  const std::string bytes = call.body();
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

bool IsDeadline(const Outcome& outcome) { return outcome.grpc_status == "4" || outcome.reset == NGHTTP2_CANCEL; }

// One has the first messages of the other.
bool BeginAlike(const Outcome& ours, const Outcome& reference) {
  const auto whole = [](const std::vector<std::string>& messages) {
    return messages.size() - (!messages.empty() && messages.back() == kTornMessage ? 1 : 0);
  };
  const size_t both = std::min(whole(ours.messages), whole(reference.messages));
  return std::equal(ours.messages.begin(), ours.messages.begin() + static_cast<std::ptrdiff_t>(both),
                    reference.messages.begin());
}

}  // namespace

bool Same(const RawCall& call, const Outcome& ours, const Outcome& reference) {
  // How far either server came before the reset is chance.
  if (call.resets) return ours.unanswered == reference.unanswered && BeginAlike(ours, reference);
  return ours.http_status == reference.http_status && ours.grpc_status == reference.grpc_status &&
         ours.messages == reference.messages && ours.reset == reference.reset &&
         ours.unanswered == reference.unanswered;
}

std::optional<std::string> Deliberate(const RawCall& call, const Outcome& ours, const Outcome& reference) {
  const Body body = BodyOf(call);
  const bool streams_in = StreamsIn(call.header(":path"));
  if (!call.has(":authority") && ours.reset == 1) {
    return "no :authority: nghttp2 resets with PROTOCOL_ERROR (RFC 9113, 8.3.1), the reference does without";
  }
  if (call.header(":method") != "POST" && ours.http_status == "405") {
    return "another method than POST: 405, as the protocol maps it; the reference says UNKNOWN with 200";
  }
  if (ours.http_status == "415") {
    return "not gRPC's content-type: 415, as the protocol wants it; the reference takes anything";
  }
  if (!call.has("te") && ours.grpc_status == "13") {
    return "no te: INTERNAL; the reference says UNKNOWN";
  }
  const absl::string_view timeout = call.header("grpc-timeout");
  if (call.has("grpc-timeout") && !ParseTimeout(timeout).has_value() && ours.grpc_status == "13") {
    return "a grpc-timeout that is none: INTERNAL; the reference takes no notice of it";
  }
  if (const auto patience = ParseTimeout(timeout);
      patience.has_value() && *patience < std::chrono::seconds(1) && (IsDeadline(ours) || IsDeadline(reference))) {
    return "a deadline of 0.1 s: whether it passes is chance";
  }
  const absl::string_view encoding = call.header("grpc-encoding");
  if (!encoding.empty() && encoding != "identity" && encoding != "gzip" && ours.grpc_status == "12") {
    return "an encoding that there is not (deflate is not offered): UNIMPLEMENTED; the reference minds only what is "
           "compressed";
  }
  if (!streams_in && body.messages != 1 && ours.grpc_status == "12") {
    return "a request of one message without it or with two: UNIMPLEMENTED; the reference takes the first";
  }
  if (streams_in && ours.grpc_status == "13" && reference.grpc_status == "0" &&
      (body.bad_flag || body.compressed || body.torn)) {
    return "a message of a stream that cannot be read: INTERNAL; the reference's handler sees the end of the stream";
  }
  if ((body.compressed || body.bad_flag) && ours.grpc_status == "13" && (!streams_in || reference.grpc_status == "8")) {
    return "a message's first byte is wrong, or compression that nobody announced: INTERNAL; the reference may read it "
           "all the same, or look at its length first";
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
  if (call.has("x-bytes-bin") && (reference.grpc_status == "14" || reference.unanswered)) {
    return "metadata that is not base64: the method's affair; the reference says UNAVAILABLE, or nothing";
  }
  return std::nullopt;
}

}  // namespace roicast
