#include "server/telemetry/log_queue.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace roicast {
namespace {

constexpr absl::Duration kLastWait = absl::Seconds(1);
// How soon a write that waits for its reader notices that the queue is gone.
constexpr int kPollMilliseconds = 100;

}  // namespace

struct LogQueue::State {
  absl::Mutex mutex;
  const size_t max_bytes;
  std::string waiting ABSL_GUARDED_BY(mutex);
  int64_t lines_waiting ABSL_GUARDED_BY(mutex) = 0;
  size_t bytes_under_way ABSL_GUARDED_BY(mutex) = 0;
  int64_t gap ABSL_GUARDED_BY(mutex) = 0;      // Lines dropped behind those that wait.
  int64_t dropped ABSL_GUARDED_BY(mutex) = 0;  // All of them.
  bool stop ABSL_GUARDED_BY(mutex) = false;
  bool abandoned ABSL_GUARDED_BY(mutex) = false;  // Nothing more is to be written.
  bool ended ABSL_GUARDED_BY(mutex) = false;

  explicit State(size_t bytes) : max_bytes(bytes) {}
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stop || !waiting.empty() || gap > 0; }
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return waiting.empty() && gap == 0 && bytes_under_way == 0; }
  bool Ended() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return ended; }
  bool Abandoned() {
    absl::MutexLock lock(&mutex);
    return abandoned;
  }
  // False: they could not be written, or not before the queue was abandoned.
  bool Write(int descriptor, absl::string_view text);
};

bool LogQueue::State::Write(int descriptor, absl::string_view text) {
  while (!text.empty()) {
    // A pipe with room takes PIPE_BUF bytes at once, so that a write does not block where nobody reads.
    pollfd ready{descriptor, POLLOUT, 0};
    const int events = ::poll(&ready, 1, kPollMilliseconds);
    if (Abandoned()) return false;
    if (events == 0 || (events < 0 && errno == EINTR)) continue;
    const ssize_t written = ::write(descriptor, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
  return true;
}

LogQueue::LogQueue(int descriptor, size_t max_bytes, std::function<std::string(int64_t)> gap)
    : state_(std::make_shared<State>(max_bytes)),
      writer_([descriptor, state = state_, gap = std::move(gap)] { Run(descriptor, *state, gap); }) {}

LogQueue::~LogQueue() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stop = true;
    if (!state_->mutex.AwaitWithTimeout(absl::Condition(state_.get(), &State::Ended), kLastWait)) {
      state_->abandoned = true;
      writer_.detach();
      return;
    }
  }
  writer_.join();
}

void LogQueue::Run(int descriptor, State& state, const std::function<std::string(int64_t)>& gap) {
  // Signals are the server's; a reader that went away is an error of write.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (true) {
    std::string text;
    int64_t lines = 0;
    {
      absl::MutexLock lock(&state.mutex);
      state.mutex.Await(absl::Condition(&state, &State::HasWork));
      if (state.Idle()) break;
      text = std::exchange(state.waiting, {});
      lines = std::exchange(state.lines_waiting, 0);
      if (const int64_t missing = std::exchange(state.gap, 0); missing > 0) text.append(gap(missing)).append(1, '\n');
      state.bytes_under_way = text.size();
    }
    const bool written = state.Write(descriptor, text);
    absl::MutexLock lock(&state.mutex);
    state.bytes_under_way = 0;
    if (!written) state.dropped += lines;
    if (state.abandoned) return;
  }
  absl::MutexLock lock(&state.mutex);
  state.ended = true;
}

void LogQueue::Push(absl::string_view line) {
  absl::MutexLock lock(&state_->mutex);
  // Behind a gap nothing is taken until it is told of, so that lines and gaps keep their order.
  if (state_->gap > 0 || state_->waiting.size() + state_->bytes_under_way + line.size() + 1 > state_->max_bytes) {
    ++state_->gap;
    ++state_->dropped;
    return;
  }
  state_->waiting.append(line.data(), line.size());
  state_->waiting += '\n';
  ++state_->lines_waiting;
}

bool LogQueue::Flush(absl::Duration most) const {
  absl::MutexLock lock(&state_->mutex);
  return state_->mutex.AwaitWithTimeout(absl::Condition(state_.get(), &State::Idle), most);
}

int64_t LogQueue::dropped() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->dropped;
}

}  // namespace roicast
