#include "bench/echo_server.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "server/process_settings.h"
#include "server/services/prediction/prediction_endpoint.h"
#include "server/transport/transport_server.h"

namespace roicast::bench {
namespace {

class EchoHandler final : public UnaryHandler {
 public:
  explicit EchoHandler(const std::string& answer) : answer_(answer) {}
  void Handle(UnaryCall& call) override {
    std::string answer = answer_;
    call.Finish(absl::OkStatus(), answer);
  }

 private:
  const std::string answer_;
};

class EchoStreamHandler final : public StreamHandler {
 public:
  explicit EchoStreamHandler(const std::string& answer) : answer_(answer) {}
  absl::Status Begin(const StreamCall&) override { return absl::OkStatus(); }
  void Handle(StreamItem& item) override { item.Answer(answer_); }
  void Refuse(StreamItem& item, const absl::Status&) override { item.Answer(answer_); }
  void End(const StreamCall&, const absl::Status&) override {}

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
  TransportMetrics metrics;
  TransportServer server({.listen = {"127.0.0.1:0"}}, &metrics);
  PredictionEndpoint endpoint(&predict, &batch_predict, &stream_predict,
                              {.call = {.max_request_bytes = defaults::kMaxMessageBytes}}, &server.grpc(),
                              &server.loops());
  const absl::Status started = server.Start();
  if (!started.ok()) {
    std::fprintf(stderr, "%s\n", started.ToString().c_str());
    std::exit(1);
  }
  const int port = server.port();
  if (write(port_fd, &port, sizeof(port)) != sizeof(port)) std::exit(1);
  while (true) pause();
}

}  // namespace roicast::bench
