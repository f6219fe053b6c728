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
#include "base/steady_wait.h"

namespace roicast {
namespace {

constexpr absl::Duration kLastWait = absl::Seconds(1);
// How soon a write that waits for its reader notices that the queue is gone.
constexpr int kPollMilliseconds = 100;

}  // namespace

struct LogQueue::State {
  absl::Mutex mutex;
  SteadyWait changed;  // Idle or ended.
  const size_t max_bytes;
  std::string waiting ABSL_GUARDED_BY(mutex);
  size_t bytes_under_way ABSL_GUARDED_BY(mutex) = 0;  // Taken by the writer, and not written yet.
  int64_t gap ABSL_GUARDED_BY(mutex) = 0;             // Lines dropped behind those that wait.
  int64_t dropped ABSL_GUARDED_BY(mutex) = 0;         // All of them.
  bool stop ABSL_GUARDED_BY(mutex) = false;
  bool abandoned ABSL_GUARDED_BY(mutex) = false;  // Nothing more is to be written.
  bool ended ABSL_GUARDED_BY(mutex) = false;

  explicit State(size_t bytes) : max_bytes(bytes) {}
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stop || !waiting.empty() || gap > 0; }
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return waiting.empty() && gap == 0 && bytes_under_way == 0; }
  // What is not under way any more makes room. False: the queue was abandoned.
  bool Wrote(size_t bytes) {
    absl::MutexLock lock(&mutex);
    bytes_under_way -= bytes;
    return !abandoned;
  }
  // How many bytes were written: all, unless that is impossible or the queue was abandoned.
  size_t Write(int descriptor, absl::string_view text);
};

size_t LogQueue::State::Write(int descriptor, absl::string_view text) {
  const size_t all = text.size();
  size_t wrote = 0;
  while (!text.empty()) {
    // A pipe with room takes PIPE_BUF bytes at once, so that a write does not block where nobody reads.
    pollfd ready{descriptor, POLLOUT, 0};
    const int events = ::poll(&ready, 1, kPollMilliseconds);
    if (!Wrote(std::exchange(wrote, 0))) break;
    if (events == 0 || (events < 0 && errno == EINTR)) continue;
    const ssize_t written = ::write(descriptor, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
    if (written >= 0) {
      wrote = static_cast<size_t>(written);
      text.remove_prefix(wrote);
    } else if (errno != EINTR && errno != EAGAIN) {
      break;
    }
  }
  return all - text.size();
}

LogQueue::LogQueue(int descriptor, size_t max_bytes, std::function<std::string(int64_t)> gap)
    : state_(std::make_shared<State>(max_bytes)),
      writer_([descriptor, state = state_, gap = std::move(gap)] { Run(descriptor, *state, gap); }) {}

LogQueue::~LogQueue() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stop = true;
    const auto ended = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return state_->ended; };
    if (!state_->changed.Await(state_->mutex, kLastWait, ended)) {
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
  // Lost in writes that failed, and not told of yet: the next line tells, for it may find room again.
  int64_t untold = 0;
  bool torn = false;  // What was written last has no end.
  while (true) {
    std::string text;
    // Where the lines begin and end in it; before and behind them gaps are told.
    size_t begin = 0, end = 0;
    int64_t missing = 0;
    {
      absl::MutexLock lock(&state.mutex);
      state.mutex.Await(absl::Condition(&state, &State::HasWork));
      // Here, where nobody can abandon it meanwhile: afterwards there may be nothing that `gap` refers to.
      if (state.abandoned) return;
      if (state.Idle()) break;
      if (torn) text += '\n';
      if (untold > 0) text.append(gap(untold)).append(1, '\n');
      begin = text.size();
      text += std::exchange(state.waiting, {});
      end = text.size();
      missing = std::exchange(state.gap, 0);
      if (missing > 0) text.append(gap(missing)).append(1, '\n');
      state.bytes_under_way = text.size();
    }
    const size_t written = state.Write(descriptor, text);
    if (written > 0) torn = text[written - 1] != '\n';
    if (written >= begin) untold = 0;
    int64_t lost = 0;
    if (written < text.size()) {
      const size_t first = std::clamp(written, begin, end);
      lost = std::count(text.begin() + static_cast<std::ptrdiff_t>(first),
                        text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
      untold += lost + missing;
    }
    absl::MutexLock lock(&state.mutex);
    state.bytes_under_way = 0;
    state.changed.Notify();
    state.dropped += lost;
  }
  absl::MutexLock lock(&state.mutex);
  state.ended = true;
  state.changed.Notify();
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
}

bool LogQueue::Flush(absl::Duration most) const {
  absl::MutexLock lock(&state_->mutex);
  return state_->changed.Await(state_->mutex, most, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return state_->Idle(); });
}

int64_t LogQueue::dropped() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->dropped;
}

}  // namespace roicast
