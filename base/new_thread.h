// Threads that are made while the process runs. A container may allow only so many; std::thread throws then, and nobody
// would catch it.
#pragma once

#include <future>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace roicast {

// Adds a thread that runs `work`. False: the system allows no more, and nothing runs.
template <typename Work>
bool AddThread(std::vector<std::thread>& threads, Work work) {
  try {
    threads.emplace_back(std::move(work));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

// Runs `work` on a thread of its own until `running` is ready. False: the system allows no more threads, and nothing
// runs.
template <typename Work>
bool RunAsync(Work work, std::future<void>& running) {
  try {
    running = std::async(std::launch::async, std::move(work));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

// The same, but where the system allows no more threads `work` is done before this returns.
template <typename Work>
std::future<void> RunAsyncOrNow(Work work) {
  std::future<void> running;
  if (RunAsync(work, running)) return running;
  work();
  std::promise<void> done;
  done.set_value();
  return done.get_future();
}

}  // namespace roicast
