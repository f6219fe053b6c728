// The peer of the RPC benchmarks: PredictionService on the mechanism of our server, which answers every request with
// precomputed bytes.
#pragma once

#include <string>

namespace roicast::bench {

struct EchoAnswers {
  std::string predict;
  std::string batch_predict;
  // The response to one stream item.
  std::string stream_predict;
};

// Serves until the process is killed. Writes the port to `port_fd`. keep_memory: use the memory settings of
// roicast's process, which make large requests cheaper for any server, instead of the defaults.
[[noreturn]] void RunEchoServer(const EchoAnswers& answers, bool keep_memory, int port_fd);

}  // namespace roicast::bench
