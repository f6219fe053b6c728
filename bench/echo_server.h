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

// Serves until the process is killed. Writes the port to `port_fd`. keep_memory: with the memory settings of roicast's
// process, which make large requests cheaper for any server; else as a process is by default.
[[noreturn]] void RunEchoServer(const EchoAnswers& answers, bool keep_memory, int port_fd);

}  // namespace roicast::bench
