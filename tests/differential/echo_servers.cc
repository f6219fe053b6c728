#include "tests/differential/echo_servers.h"

#include <string>

#include "absl/time/clock.h"
#include "base/check.h"
#include "grpc/testing/test.grpc.pb.h"

namespace roicast {
namespace {

CallOptions Calls() {
  CallOptions options;
  options.max_request_bytes = kMaxMessageBytes;
  return options;
}

TransportServer::Options Local() {
  TransportServer::Options options;
  options.listen = {"127.0.0.1:0"};
  // Thousands of calls a second, many with frames of their own.
  options.http2.max_useless_frames = 1000000;
  return options;
}

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
      unary_(handler_.get(), Calls(), 1),
      stream_(handler_.get(), &server_.loops(), {.call = Calls()}) {
  server_.grpc().Add(kUnaryPath, &unary_);
  server_.grpc().Add(kStreamPath, &stream_);
  ROICAST_CHECK(server_.Start().ok());
}

EchoServer::~EchoServer() { server_.Shutdown(absl::ZeroDuration()); }

class ReferenceServer::Service final
    : public grpc::testing::TestService::WithRawCallbackMethod_UnaryCall<
          grpc::testing::TestService::WithRawCallbackMethod_FullDuplexCall<grpc::testing::TestService::Service>> {
 public:
  grpc::ServerUnaryReactor* UnaryCall(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override {
    auto* const reactor = context->DefaultReactor();
    if (!request->Valid()) {
      reactor->Finish(grpc::Status(grpc::StatusCode::INTERNAL, "no message"));
      return reactor;
    }
    *response = *request;
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* FullDuplexCall(grpc::CallbackServerContext*) override {
    class Echo final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
     public:
      Echo() { StartRead(&message_); }
      void OnReadDone(bool ok) override {
        if (ok) {
          StartWrite(&message_);
        } else {
          Finish(grpc::Status::OK);
        }
      }
      void OnWriteDone(bool ok) override {
        if (ok) {
          StartRead(&message_);
        } else {
          Finish(grpc::Status::OK);
        }
      }
      void OnDone() override { delete this; }

     private:
      grpc::ByteBuffer message_;
    };
    return new Echo;
  }
};

ReferenceServer::ReferenceServer() : service_(std::make_unique<Service>()) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  ROICAST_CHECK(server_ != nullptr && port_ != 0);
}

ReferenceServer::~ReferenceServer() { server_->Shutdown(std::chrono::system_clock::now()); }

}  // namespace roicast
