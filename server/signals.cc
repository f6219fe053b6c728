#include "server/signals.h"

#include <pthread.h>
#include <signal.h>

#include <array>

namespace roicast {
namespace {

struct KnownSignal {
  int number;
  ReceivedSignal meaning;
};

constexpr std::array<KnownSignal, 5> kSignals = {{{SIGTERM, {SignalRequest::kStop, "SIGTERM"}},
                                                  {SIGINT, {SignalRequest::kStop, "SIGINT"}},
                                                  {SIGHUP, {SignalRequest::kReload, "SIGHUP"}},
                                                  {SIGUSR1, {SignalRequest::kIgnore, "SIGUSR1"}},
                                                  {SIGUSR2, {SignalRequest::kIgnore, "SIGUSR2"}}}};

sigset_t SignalSet() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const KnownSignal& known : kSignals) sigaddset(&signals, known.number);
  return signals;
}

}  // namespace

void BlockSignals() {
  const sigset_t signals = SignalSet();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::optional<ReceivedSignal> WaitForSignal(absl::Duration timeout) {
  const sigset_t signals = SignalSet();
  const timespec wait = absl::ToTimespec(timeout);
  const int number = sigtimedwait(&signals, nullptr, &wait);
  for (const KnownSignal& known : kSignals) {
    if (known.number == number) return known.meaning;
  }
  return std::nullopt;
}

}  // namespace roicast
