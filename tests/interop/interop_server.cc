// The server of gRPC's interoperability tests on this transport: `interop_server [ADDRESS]`, by default 127.0.0.1:0.
// Prints its port, and runs until its input ends.
#include <atomic>
#include <chrono>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "grpc/testing/test.pb.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/grpc/blocking_method.h"
#include "server/transport/grpc/worker_pool.h"
#include "server/transport/transport_server.h"

namespace roicast {
namespace {

namespace pb = grpc::testing;
using Compression = BlockingCall::Compression;

constexpr char kInitialEcho[] = "x-grpc-test-echo-initial";
constexpr char kTrailingEcho[] = "x-grpc-test-echo-trailing-bin";
// Longest wait that a client may ask for.
constexpr int kMaxIntervalMicros = 30'000'000;
constexpr int kMaxPayloadBytes = 16 << 20;

void EchoMetadata(BlockingCall& call) {
  if (const auto value = call.metadata(kInitialEcho); !value.empty()) call.AddHeader(kInitialEcho, value);
  if (const auto value = call.metadata(kTrailingEcho); !value.empty()) call.AddTrailer(kTrailingEcho, value);
}

absl::Status ToStatus(const pb::EchoStatus& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.code()), status.message());
}

Compression ToCompression(const pb::BoolValue& wanted) {
  return wanted.value() ? Compression::kGzip : Compression::kNone;
}

absl::Status FillPayload(int size, pb::Payload* payload) {
  if (size < 0 || size > kMaxPayloadBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a payload of ", size, " bytes"));
  }
  payload->set_body(std::string(static_cast<size_t>(size), '\0'));
  return absl::OkStatus();
}

// The next message; false: there is none, and the status says whether that is right.
template <typename Message>
bool ReadMessage(BlockingCall& call, Message* message, bool* was_compressed, absl::Status* status) {
  std::string bytes;
  if (!call.Read(&bytes, was_compressed)) {
    *status = call.ReadError();
    return false;
  }
  if (message->ParseFromString(bytes)) return true;
  *status = absl::InvalidArgumentError("the bytes are not a message of this type");
  return false;
}

template <typename Request>
absl::Status CheckCompression(const Request& request, bool was_compressed) {
  if (request.has_expect_compressed() && request.expect_compressed().value() && !was_compressed) {
    return absl::InvalidArgumentError("expected a compressed message, got a plain one");
  }
  return absl::OkStatus();
}

absl::Status EmptyCall(BlockingCall& call) {
  EchoMetadata(call);
  pb::Empty request;
  bool was_compressed = false;
  absl::Status status;
  if (!ReadMessage(call, &request, &was_compressed, &status)) return status;
  call.Write({});
  return absl::OkStatus();
}

absl::Status UnaryCall(BlockingCall& call) {
  EchoMetadata(call);
  pb::SimpleRequest request;
  bool was_compressed = false;
  absl::Status status;
  if (!ReadMessage(call, &request, &was_compressed, &status)) return status;
  ROICAST_RETURN_IF_ERROR(CheckCompression(request, was_compressed));
  if (request.has_response_status()) {
    ROICAST_RETURN_IF_ERROR(ToStatus(request.response_status()));
  }
  pb::SimpleResponse response;
  ROICAST_RETURN_IF_ERROR(FillPayload(request.response_size(), response.mutable_payload()));
  call.Write(response.SerializeAsString(), ToCompression(request.response_compressed()));
  return absl::OkStatus();
}

absl::Status WriteAnswers(BlockingCall& call, const pb::StreamingOutputCallRequest& request) {
  for (const pb::ResponseParameters& wanted : request.response_parameters()) {
    if (wanted.interval_us() > 0)
      absl::SleepFor(absl::Microseconds(std::min(wanted.interval_us(), kMaxIntervalMicros)));
    pb::StreamingOutputCallResponse response;
    ROICAST_RETURN_IF_ERROR(FillPayload(wanted.size(), response.mutable_payload()));
    if (!call.Write(response.SerializeAsString(), ToCompression(wanted.compressed()))) {
      return absl::CancelledError("the client is gone");
    }
  }
  return request.has_response_status() ? ToStatus(request.response_status()) : absl::OkStatus();
}

absl::Status StreamingOutputCall(BlockingCall& call) {
  EchoMetadata(call);
  pb::StreamingOutputCallRequest request;
  bool was_compressed = false;
  absl::Status status;
  if (!ReadMessage(call, &request, &was_compressed, &status)) return status;
  return WriteAnswers(call, request);
}

absl::Status StreamingInputCall(BlockingCall& call) {
  EchoMetadata(call);
  pb::StreamingInputCallRequest request;
  pb::StreamingInputCallResponse response;
  bool was_compressed = false;
  absl::Status status;
  while (ReadMessage(call, &request, &was_compressed, &status)) {
    ROICAST_RETURN_IF_ERROR(CheckCompression(request, was_compressed));
    response.set_aggregated_payload_size(response.aggregated_payload_size() +
                                         static_cast<int>(request.payload().body().size()));
  }
  ROICAST_RETURN_IF_ERROR(status);
  call.Write(response.SerializeAsString());
  return absl::OkStatus();
}

absl::Status FullDuplexCall(BlockingCall& call) {
  EchoMetadata(call);
  pb::StreamingOutputCallRequest request;
  bool was_compressed = false;
  absl::Status status;
  while (ReadMessage(call, &request, &was_compressed, &status)) {
    ROICAST_RETURN_IF_ERROR(WriteAnswers(call, request));
  }
  return status;
}

absl::Status HalfDuplexCall(BlockingCall& call) {
  EchoMetadata(call);
  std::vector<pb::StreamingOutputCallRequest> requests(1);
  bool was_compressed = false;
  absl::Status status;
  while (ReadMessage(call, &requests.back(), &was_compressed, &status)) requests.emplace_back();
  ROICAST_RETURN_IF_ERROR(status);
  requests.pop_back();
  for (const pb::StreamingOutputCallRequest& request : requests) {
    ROICAST_RETURN_IF_ERROR(WriteAnswers(call, request));
  }
  return absl::OkStatus();
}

int Run(const std::string& address) {
  TransportMetrics metrics;
  TransportServer::Options options;
  options.listen = {address};
  options.threads = 2;
  TransportServer server(options, &metrics);
  WorkerPool pool(WorkerPool::Options{.max_threads = 256, .max_per_peer = 256});
  std::deque<BlockingMethod> methods;
  const auto add = [&](absl::string_view name, bool streams_in, absl::Status (*work)(BlockingCall&)) {
    BlockingMethod::Options of_method;
    of_method.call.max_request_bytes = 8 << 20;
    of_method.call.message_text = MessageText::kAsItIs;
    of_method.streams_in = streams_in;
    of_method.gzip = true;
    methods.emplace_back(work, &pool, of_method);
    server.grpc().Add(absl::StrCat("/grpc.testing.TestService/", name), &methods.back());
  };
  add("EmptyCall", false, EmptyCall);
  add("UnaryCall", false, UnaryCall);
  add("CacheableUnaryCall", false, UnaryCall);
  add("StreamingOutputCall", false, StreamingOutputCall);
  add("StreamingInputCall", true, StreamingInputCall);
  add("FullDuplexCall", true, FullDuplexCall);
  add("HalfDuplexCall", true, HalfDuplexCall);
  if (const absl::Status started = server.Start(); !started.ok()) {
    std::cerr << started << std::endl;
    return 1;
  }
  std::cout << server.port() << std::endl;
  while (std::cin.get() != EOF) {
  }
  server.Shutdown(absl::Seconds(5));
  return 0;
}

}  // namespace
}  // namespace roicast

int main(int argc, char** argv) { return roicast::Run(argc > 1 ? argv[1] : "127.0.0.1:0"); }
