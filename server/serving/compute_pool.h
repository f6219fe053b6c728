// Threads for work that would block a polling thread for too long: large batches, and loading versions. The queue is
// bounded: work that does not fit is rejected at once rather than late. Client addresses have their turns: one that
// asks for much waits for itself.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/flag_defaults.h"

namespace roicast {

// Each task is for an address, `peer`, without the port. Threads take tasks from the addresses in turn, and those of an
// address in order. A thread that works on ranges passes on to the next address after each, if one waits, and another
// thread or a later turn goes on; so a small batch waits for a range or so, and not for the large ones of others.
class ComputePool {
 public:
  struct Options {
    // ≥ 1.
    int threads = 2;
    // Maximum number of tasks that wait for a thread; ≥ 1. When so many wait, an address of which less than a quarter
    // of it waits is still taken, until twice as many wait.
    int max_waiting = defaults::kMaxWaitingBatches;
  };

  explicit ComputePool(const Options& options);
  // Runs the tasks that are still queued.
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  // Errors: ServerOverloaded.
  absl::Status Submit(absl::string_view peer, std::function<void()> task);

  // Calls body(begin, end) for ranges of up to `grain` that cover [0, count), count ≥ 1, on all threads that are or
  // become idle, and then done(), on the thread that ends the last range. Does not wait; but while idle threads are on
  // their way, which takes tens of microseconds, the calling thread takes ranges, too, `callers_ranges` at most.
  // Errors: as Submit; nothing is called.
  absl::Status StartParallelFor(absl::string_view peer, int64_t count, int64_t grain, int callers_ranges,
                                std::function<void(int64_t, int64_t)> body, std::function<void()> done);

  // The same in a task of the pool, of which it is the rest: it is not refused, and goes before what waits for the
  // address. It begins once the task has returned, or on idle threads.
  void ContinueWithParallelFor(absl::string_view peer, int64_t count, int64_t grain,
                               std::function<void(int64_t, int64_t)> body, std::function<void()> done);

  // Calls body(begin, end) for ranges of up to `grain` that cover [0, count), on the calling thread and on idle ones;
  // returns when all are done. Never waits for a busy thread: alone, the caller does all the work.
  void ParallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

 private:
  // Tells addresses apart: their hash.
  using PeerKey = uint64_t;
  class SharedRanges;
  // One of both.
  struct Task {
    std::function<void()> run;
    std::shared_ptr<SharedRanges> ranges;
    // False: helps with work that is counted already.
    bool counts = true;
  };
  // What waits for one address.
  struct Queue {
    PeerKey peer = 0;
    std::deque<Task> tasks;
    // Of these, those that count.
    int waiting = 0;
  };

  void Run();
  // Works on ranges until none is left to begin, or it is the turn of another address.
  void Work(PeerKey peer, const std::shared_ptr<SharedRanges>& ranges);
  // Whether addresses wait, and not only this one.
  bool OthersWait(PeerKey peer) const;

  // With the mutex held.
  absl::Status CheckRoom(PeerKey peer) const;
  // Where the tasks of an address wait; end: none do.
  std::list<Queue>::iterator Find(PeerKey peer);
  std::list<Queue>::const_iterator Find(PeerKey peer) const;
  // It has a turn after all others that wait.
  Queue& QueueOf(PeerKey peer);
  void Push(Queue& queue, Task task);
  void PushFirst(Queue& queue, Task task);
  void Pushed(Queue& queue, const Task& task);
  // The next task and whose it is. There has to be one.
  Task Take(PeerKey* peer);
  void NoteWhoWaits();

  const Options options_;
  // The standard library's condition variable wakes several threads at once. Abseil's wakes the second one when the
  // first releases the mutex, some twenty microseconds later.
  std::mutex mutex_;
  std::condition_variable changed_;
  // All below: guarded by mutex_.
  // Addresses of which something waits, in the order of their turns.
  std::list<Queue> turns_;
  // Empty ones, which keep their memory.
  std::list<Queue> unused_;
  // For threads that were idle when ParallelFor asked for them: before all others.
  std::deque<Task> helpers_;
  // Number of tasks in all queues; and of those that count.
  int queued_ = 0;
  int waiting_ = 0;
  int idle_ = 0;
  bool stopping_ = false;

  // Read without the mutex: kNobody, the only address of which something waits, or kSeveral.
  std::atomic<PeerKey> who_waits_;

  std::vector<std::thread> threads_;
};

}  // namespace roicast
