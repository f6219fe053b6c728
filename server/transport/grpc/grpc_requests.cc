#include "server/transport/grpc/grpc_requests.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/one_line.h"
#include "server/transport/grpc/wire.h"

namespace roicast {
namespace {

constexpr size_t kMaxQuotedBytes = 200;

// The headers that mean something to gRPC.
struct GrpcHeaders {
  absl::string_view method, path, content_type, te, timeout, encoding, accept_encoding;
};

GrpcHeaders ReadHeaders(const HeaderBlock& headers) {
  GrpcHeaders read;
  for (size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    const auto is = [name = name](absl::string_view other) { return name == other; };
    switch (name.size()) {
      case 2:
        if (is("te")) read.te = value;
        break;
      case 5:
        if (is(":path")) read.path = value;
        break;
      case 7:
        if (is(":method")) read.method = value;
        break;
      case 12:
        if (is("content-type")) read.content_type = value;
        if (is("grpc-timeout")) read.timeout = value;
        break;
      case 13:
        if (is("grpc-encoding")) read.encoding = value;
        break;
      case 20:
        if (is("grpc-accept-encoding")) read.accept_encoding = value;
        break;
      default:
        break;
    }
  }
  return read;
}

bool IsGrpc(absl::string_view content_type) {
  constexpr absl::string_view kGrpc = "application/grpc";
  if (!absl::StartsWith(content_type, kGrpc)) return false;
  content_type.remove_prefix(kGrpc.size());
  return content_type.empty() || content_type[0] == '+' || content_type[0] == ';';
}

absl::Status CheckTe(absl::string_view te) {
  return te == "trailers" ? absl::OkStatus() : absl::InternalError("expected the header te: trailers");
}

// Of a call that has a timeout. Errors: Internal.
absl::Status ReadDeadline(absl::string_view timeout, CallStart* start) {
  const std::optional<std::chrono::nanoseconds> read = ParseTimeout(timeout);
  if (!read.has_value()) {
    return absl::InternalError(
        absl::StrCat("grpc-timeout: expected digits and a unit such as 50m, got ", OneLine(timeout, kMaxQuotedBytes)));
  }
  start->deadline = start->session->loop().now() + *read;
  return absl::OkStatus();
}

// Errors: Unimplemented.
absl::Status ReadEncoding(absl::string_view encoding, CallStart* start) {
  start->sends_gzip = encoding == "gzip";
  if (start->sends_gzip || encoding.empty() || encoding == "identity") return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("grpc-encoding: expected identity or gzip, got ", OneLine(encoding, kMaxQuotedBytes)));
}

void AnswerStatus(Http2Session& session, int32_t id, const absl::Status& status) {
  const StatusHeaders encoded = ToHeaders(status);
  session.Answer(id, {StaticHeader(":status", "200"), StaticHeader("content-type", "application/grpc"),
                      StaticHeader("grpc-status", encoded.code), CopiedHeader("grpc-message", encoded.message),
                      StaticHeader("grpc-accept-encoding", "identity,gzip")});
}

}  // namespace

void GrpcRequests::Add(absl::string_view path, GrpcMethod* method) {
  ROICAST_CHECK(methods_.emplace(std::string(path), method).second);
}

Http2Stream* GrpcRequests::Begin(Http2Session& session, int32_t id, HeaderBlock& headers, bool) {
  const GrpcHeaders read = ReadHeaders(headers);
  if (read.method != "POST") {
    session.Answer(id, {StaticHeader(":status", "405"), StaticHeader("allow", "POST")});
    return nullptr;
  }
  if (!IsGrpc(read.content_type)) {
    session.Answer(id, {StaticHeader(":status", "415"), StaticHeader("accept", "application/grpc")});
    return nullptr;
  }
  absl::Status readable = CheckTe(read.te);
  const auto found = methods_.find(read.path);
  if (found == methods_.end()) {
    readable.Update(absl::UnimplementedError(
        absl::StrCat("there is no method ", OneLine(read.path, kMaxQuotedBytes), " on this server")));
    AnswerStatus(session, id, readable);
    return nullptr;
  }
  CallStart start{};
  start.session = &session;
  start.stream_id = id;
  start.headers = &headers;
  start.deadline = EventLoop::Clock::time_point::max();
  if (!read.timeout.empty()) readable.Update(ReadDeadline(read.timeout, &start));
  readable.Update(ReadEncoding(read.encoding, &start));
  start.takes_gzip = ListHas(read.accept_encoding, "gzip");
  ServerCall* const call = found->second->Begin(start);
  call->CheckHeaders(readable);
  return call;
}

}  // namespace roicast
