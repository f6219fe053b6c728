#include "tests/differential/echo_servers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "grpc/testing/test.grpc.pb.h"

namespace roicast {
namespace {

using Compression = BlockingCall::Compression;
using grpc::ByteBuffer;
using grpc::testing::TestService;

CallOptions Calls() {
  CallOptions options;
  options.max_request_bytes = kMaxMessageBytes;
  return options;
}

BlockingMethod::Options BlockingCalls(bool streams_in) {
  BlockingMethod::Options options;
  options.call = Calls();
  options.streams_in = streams_in;
  options.gzip = true;
  return options;
}

TransportServer::Options Local() {
  TransportServer::Options options;
  options.listen = {"127.0.0.1:0"};
  // Thousands of calls a second, many with frames of their own.
  options.http2.max_useless_frames = 1000000;
  return options;
}

// More than there are calls at once: those of clients that are gone may still end.
WorkerPool::Options Workers() { return {.max_threads = 256, .max_per_peer = 256}; }

std::vector<std::string> PartsOf(const std::string& message) {
  std::vector<std::string> parts;
  size_t begin = 0;
  do {
    parts.push_back(message.substr(begin, kOutputPart));
    begin += kOutputPart;
  } while (begin < message.size());
  return parts;
}

// Errors: those of BlockingCall::ReadError.
absl::Status ReadAll(BlockingCall& call, std::vector<std::string>* messages) {
  std::string message;
  while (call.Read(&message)) messages->push_back(std::move(message));
  return call.ReadError();
}

absl::Status WriteAll(BlockingCall& call, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) {
    if (!call.Write(message, Compression::kGzip)) return absl::CancelledError("the client is gone");
  }
  return absl::OkStatus();
}

absl::Status HalfDuplex(BlockingCall& call) {
  std::vector<std::string> messages;
  ROICAST_RETURN_IF_ERROR(ReadAll(call, &messages));
  return WriteAll(call, messages);
}

absl::Status Input(BlockingCall& call) {
  std::vector<std::string> messages;
  ROICAST_RETURN_IF_ERROR(ReadAll(call, &messages));
  std::string all;
  for (const std::string& message : messages) all += message;
  return WriteAll(call, {all});
}

absl::Status Output(BlockingCall& call) {
  std::vector<std::string> messages;
  ROICAST_RETURN_IF_ERROR(ReadAll(call, &messages));
  if (messages.size() != 1) return absl::UnimplementedError("the request: expected one message");
  return WriteAll(call, PartsOf(messages[0]));
}

std::string ToString(const ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  ROICAST_CHECK(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return ByteBuffer(&slice, 1);
}

grpc::Status NoMessage() { return {grpc::StatusCode::INTERNAL, "no message"}; }

class FullDuplexReactor final : public grpc::ServerBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  FullDuplexReactor() { StartRead(&message_); }
  void OnReadDone(bool ok) override { ok ? StartWrite(&message_) : Finish(grpc::Status::OK); }
  void OnWriteDone(bool ok) override { ok ? StartRead(&message_) : Finish(grpc::Status::OK); }
  void OnDone() override { delete this; }

 private:
  ByteBuffer message_;
};

class HalfDuplexReactor final : public grpc::ServerBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  HalfDuplexReactor() { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (!ok) return WriteNext();
    messages_.push_back(message_);
    StartRead(&message_);
  }
  void OnWriteDone(bool ok) override { ok ? WriteNext() : Finish(grpc::Status::OK); }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (written_ == messages_.size()) return Finish(grpc::Status::OK);
    StartWrite(&messages_[written_++]);
  }

  ByteBuffer message_;
  std::vector<ByteBuffer> messages_;
  size_t written_ = 0;
};

class InputReactor final : public grpc::ServerReadReactor<ByteBuffer> {
 public:
  explicit InputReactor(ByteBuffer* response) : response_(*response) { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (ok) {
      all_ += ToString(message_);
      StartRead(&message_);
      return;
    }
    response_ = ToBuffer(all_);
    Finish(grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  ByteBuffer& response_;
  ByteBuffer message_;
  std::string all_;
};

class OutputReactor final : public grpc::ServerWriteReactor<ByteBuffer> {
 public:
  explicit OutputReactor(const ByteBuffer& request) {
    if (!request.Valid()) {
      Finish(NoMessage());
      return;
    }
    for (const std::string& part : PartsOf(ToString(request))) parts_.push_back(ToBuffer(part));
    WriteNext();
  }
  void OnWriteDone(bool ok) override { ok ? WriteNext() : Finish(grpc::Status::OK); }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (written_ == parts_.size()) return Finish(grpc::Status::OK);
    StartWrite(&parts_[written_++]);
  }

  std::vector<ByteBuffer> parts_;
  size_t written_ = 0;
};

using RawService = TestService::WithRawCallbackMethod_UnaryCall<TestService::WithRawCallbackMethod_FullDuplexCall<
    TestService::WithRawCallbackMethod_HalfDuplexCall<TestService::WithRawCallbackMethod_StreamingInputCall<
        TestService::WithRawCallbackMethod_StreamingOutputCall<TestService::Service>>>>>;

}  // namespace

class EchoServer::Handler final : public UnaryHandler, public StreamHandler {
 public:
  void Handle(UnaryCall& call) override {
    std::string answer(call.request());
    call.Finish(absl::OkStatus(), answer);
  }
  using UnaryHandler::Refuse;
  absl::Status Begin(const StreamCall&) override { return absl::OkStatus(); }
  void Handle(StreamItem& item) override { item.Answer(item.request()); }
  void Refuse(StreamItem& item, const absl::Status& why) override { item.Answer(why.message()); }
  void End(const StreamCall&, const absl::Status&) override {}
};

EchoServer::EchoServer()
    : server_(Local(), &metrics_),
      handler_(std::make_unique<Handler>()),
      pool_(Workers()),
      unary_(handler_.get(), Calls(), 1),
      stream_(handler_.get(), &server_.loops(), {.call = Calls()}),
      half_duplex_(HalfDuplex, &pool_, BlockingCalls(true)),
      input_(Input, &pool_, BlockingCalls(true)),
      output_(Output, &pool_, BlockingCalls(false)) {
  server_.grpc().Add(kUnaryPath, &unary_);
  server_.grpc().Add(kStreamPath, &stream_);
  server_.grpc().Add(kHalfDuplexPath, &half_duplex_);
  server_.grpc().Add(kInputPath, &input_);
  server_.grpc().Add(kOutputPath, &output_);
  ROICAST_CHECK(server_.Start().ok());
}

EchoServer::~EchoServer() { server_.Shutdown(absl::Seconds(10)); }

class ReferenceServer::Service final : public RawService {
 public:
  grpc::ServerUnaryReactor* UnaryCall(grpc::CallbackServerContext* context, const ByteBuffer* request,
                                      ByteBuffer* response) override {
    auto* const reactor = context->DefaultReactor();
    if (!request->Valid()) {
      reactor->Finish(NoMessage());
      return reactor;
    }
    *response = *request;
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* FullDuplexCall(grpc::CallbackServerContext*) override {
    return new FullDuplexReactor;
  }
  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* HalfDuplexCall(grpc::CallbackServerContext*) override {
    return new HalfDuplexReactor;
  }
  grpc::ServerReadReactor<ByteBuffer>* StreamingInputCall(grpc::CallbackServerContext*, ByteBuffer* response) override {
    return new InputReactor(response);
  }
  grpc::ServerWriteReactor<ByteBuffer>* StreamingOutputCall(grpc::CallbackServerContext*,
                                                            const ByteBuffer* request) override {
    return new OutputReactor(*request);
  }
};

ReferenceServer::ReferenceServer() : service_(std::make_unique<Service>()) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  // Any number of PINGs.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  ROICAST_CHECK(server_ != nullptr && port_ != 0);
}

ReferenceServer::~ReferenceServer() { server_->Shutdown(std::chrono::system_clock::now()); }

}  // namespace roicast
