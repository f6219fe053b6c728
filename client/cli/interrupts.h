// Turns the first Ctrl-C or SIGTERM into a callback; a second signal ends the process as usual.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace roicast::client {

// At most one instance at a time.
class Interrupts {
 public:
  // on_interrupt runs on its own thread. May be null.
  explicit Interrupts(std::function<void()> on_interrupt);
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  bool interrupted() const { return interrupted_.load(); }
  const std::atomic<bool>& flag() const { return interrupted_; }

 private:
  std::atomic<bool> interrupted_{false};
  int pipe_[2];
  std::thread watcher_;
};

}  // namespace roicast::client
