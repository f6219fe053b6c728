#include "bench/echo_server.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "server/process_settings.h"
#include "server/services/prediction/prediction_endpoint.h"
#include "server/transport/grpc_server.h"

namespace roicast::bench {
namespace {

grpc::ByteBuffer Copy(const std::string& bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

class EchoHandler final : public UnaryHandler {
 public:
  explicit EchoHandler(const std::string& answer) : answer_(answer) {}
  void Handle(UnaryCall& call) override { call.Finish(grpc::Status::OK, Copy(answer_)); }

 private:
  const std::string answer_;
};

class EchoStreamHandler final : public StreamHandler {
 public:
  explicit EchoStreamHandler(const std::string& answer) : answer_(answer) {}
  grpc::Status Begin(const StreamCall&) override { return grpc::Status::OK; }
  void Handle(StreamItem& item) override { item.Answer(Copy(answer_)); }
  void End(const StreamCall&, const grpc::Status&) override {}

 private:
  const std::string answer_;
};

}  // namespace

void RunEchoServer(const EchoAnswers& answers, bool keep_memory, int port_fd) {
  DisableDeadlockDetection();
  if (keep_memory) KeepFreedMemory();
  EchoHandler predict(answers.predict);
  EchoHandler batch_predict(answers.batch_predict);
  EchoStreamHandler stream_predict(answers.stream_predict);
  GrpcServer server({.listen = "127.0.0.1:0"});
  PredictionEndpoint endpoint(&predict, &batch_predict, &stream_predict, PredictionEndpoint::Options(),
                              server.builder(), server.queues());
  const absl::Status started = server.Start();
  if (!started.ok()) {
    std::fprintf(stderr, "%s\n", started.ToString().c_str());
    std::exit(1);
  }
  endpoint.Arm();
  const int port = server.port();
  if (write(port_fd, &port, sizeof(port)) != sizeof(port)) std::exit(1);
  while (true) pause();
}

}  // namespace roicast::bench
