// Lines of the log on their way to whoever reads it: a collector that hangs must not keep the server from its work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace roicast {

// Thread-safe. Who logs never waits: a thread of its own writes the lines in their order. Lines that find no room are
// dropped and counted, and where they are missing a line says so; and so are those that cannot be written, as on a full
// disk, where the next line that can be follows.
class LogQueue {
 public:
  // gap: the text of that line, for the number of lines dropped. descriptor: stays open for longer than the queue;
  // a file, a terminal, a pipe or a socket. max_bytes: of all lines that wait, those being written included.
  LogQueue(int descriptor, size_t max_bytes, std::function<std::string(int64_t)> gap);
  // Gives the lines that wait a second; what nobody has read by then is lost.
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // line: without its end. Never waits.
  void Push(absl::string_view line);
  // Waits until the lines so far are written; false if that takes longer than `most`.
  bool Flush(absl::Duration most) const;
  // Lines that nobody will see, since the start: no room for them, or they could not be written.
  int64_t dropped() const;

 private:
  struct State;
  static void Run(int descriptor, State& state, const std::function<std::string(int64_t)>& gap);

  const std::shared_ptr<State> state_;  // Outlives the queue where a write never returns.
  std::thread writer_;
};

}  // namespace roicast
