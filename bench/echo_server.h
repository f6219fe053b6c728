// The peer of the RPC benchmarks: PredictionService on the server's own mechanism, answering every request with bytes
// that were made beforehand.
#pragma once

#include <string>

namespace roicast::bench {

struct EchoAnswers {
  std::string predict;
  std::string batch_predict;
  // Of a stream's item.
  std::string stream_predict;
};

// Serves until the process is killed. Writes the port to `port_fd`.
[[noreturn]] void RunEchoServer(const EchoAnswers& answers, int port_fd);

}  // namespace roicast::bench
