#include "client/cli/interrupts.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"

namespace roicast::client {
namespace {

// A signal handler can do little but write a byte.
std::atomic<int> signal_pipe{-1};

void OnSignal(int) {
  const char byte = 's';
  [[maybe_unused]] const ssize_t written = write(signal_pipe.load(), &byte, 1);
}

void Handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupts::Interrupts(std::function<void()> on_interrupt) {
  ROICAST_CHECK(pipe2(pipe_, O_CLOEXEC) == 0);
  ROICAST_CHECK(signal_pipe.exchange(pipe_[1]) == -1);
  watcher_ = std::thread([this, on_interrupt = std::move(on_interrupt)] {
    char byte = 0;
    while (read(pipe_[0], &byte, 1) == 1 && byte == 's') {
      interrupted_ = true;
      if (on_interrupt) on_interrupt();
    }
  });
  for (const int signal : {SIGINT, SIGTERM}) Handle(signal, &OnSignal, static_cast<int>(SA_RESETHAND | SA_RESTART));
}

Interrupts::~Interrupts() {
  for (const int signal : {SIGINT, SIGTERM}) Handle(signal, SIG_DFL, 0);
  const char byte = 'q';
  ROICAST_CHECK(write(pipe_[1], &byte, 1) == 1);
  watcher_.join();
  signal_pipe = -1;
  close(pipe_[0]);
  close(pipe_[1]);
}

}  // namespace roicast::client
