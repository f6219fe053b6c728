// The page of all metrics. However many ask for it, it is made once for all who wait, and takes a part of a core.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/steady_wait.h"
#include "prometheus/collectable.h"
#include "server/services/probes/waiting_line.h"

namespace roicast {

// Thread-safe. Has a thread, which does nothing unless asked.
class MetricsPage {
 public:
  enum class Coding { kPlain, kGzip };
  // After it has made a page, it rests so many times as long as the processor worked on that: those who ask all the
  // time get a fifth of a core. Others wait for one page at most, and that rest.
  static constexpr int kRest = 4;
  // Of a page, readers of one host get so many bytes together, or one of them gets it: sending takes time of the loops.
  static constexpr size_t kBytesPerHost = size_t{256} << 10;

  struct Reader {
    Coding coding = Coding::kPlain;
    // The page in that coding; plain where there is no memory to compress it. On the page's thread.
    std::function<void(Coding coding, std::shared_ptr<const std::string> page)> done;
    // Nobody waits any more: `done` need not be called.
    std::function<bool()> gone;
  };

  // metrics: outlives it; Collect takes milliseconds with many models. held: the bytes of each page are counted there
  // once, for as long as any reader has it; outlives them. nullptr: nobody counts.
  explicit MetricsPage(const prometheus::Collectable* metrics, std::atomic<int64_t>* held = nullptr);
  // Answers those who wait.
  ~MetricsPage();
  MetricsPage(const MetricsPage&) = delete;
  MetricsPage& operator=(const MetricsPage&) = delete;

  // Gives the reader a page of metrics that were collected from now on, in text format 0.0.4. Those who ask at the same
  // time share it; of a host (PeerAddress) that has more of them than may be, others wait for pages to come. False: as
  // many of the host wait as may be, and this one is not taken. Does not wait.
  bool Ask(absl::string_view host, Reader reader);

 private:
  void Run();
  // The page's size.
  size_t Answer(const std::vector<Reader>& readers) const;

  const prometheus::Collectable& metrics_;
  std::atomic<int64_t>* const held_;
  // Loops wait for it: no reader is destroyed under it.
  absl::Mutex mutex_;
  SteadyWait stop_;
  WaitingLine<Reader> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the last page.
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = kBytesPerHost;
  std::thread thread_;
};

}  // namespace roicast
