#include "server/services/probes/metrics_page.h"

#include <pthread.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "prometheus/text_serializer.h"
#include "server/transport/http/content_coding.h"

namespace roicast {
namespace {

absl::Duration ProcessorTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

// The page is counted in `held`, unless that is nullptr, until nobody has it.
std::shared_ptr<const std::string> CountedPage(std::string page, std::atomic<int64_t>* held) {
  const auto bytes = static_cast<int64_t>(page.size());
  if (held == nullptr) return std::make_shared<const std::string>(std::move(page));
  held->fetch_add(bytes, std::memory_order_relaxed);
  return {new std::string(std::move(page)), [held, bytes](const std::string* made) {
            delete made;
            held->fetch_sub(bytes, std::memory_order_relaxed);
          }};
}

}  // namespace

MetricsPage::MetricsPage(const prometheus::Collectable* metrics, std::atomic<int64_t>* held)
    : metrics_(*metrics), held_(held), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "metrics-page");
}

MetricsPage::~MetricsPage() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    stop_.Notify();
  }
  thread_.join();
}

bool MetricsPage::Ask(absl::string_view host, Reader reader) {
  std::vector<Reader> gone;
  absl::MutexLock lock(&mutex_);
  return waiting_.Add(host, reader, gone);
}

size_t MetricsPage::Answer(const std::vector<Reader>& readers) const {
  auto plain = CountedPage(prometheus::TextSerializer().Serialize(metrics_.Collect()), held_);
  const size_t bytes = plain->size();
  const auto takes_gzip = [](const Reader& reader) { return reader.coding == Coding::kGzip; };
  std::shared_ptr<const std::string> compressed;
  if (std::any_of(readers.begin(), readers.end(), takes_gzip)) {
    std::optional<std::string> gzip = Gzip(*plain);
    if (gzip.has_value()) compressed = CountedPage(*std::move(gzip), held_);
  }
  // What nobody takes is not held while others read.
  if (compressed != nullptr && std::all_of(readers.begin(), readers.end(), takes_gzip)) plain = nullptr;
  for (const Reader& reader : readers) {
    const bool is_compressed = reader.coding == Coding::kGzip && compressed != nullptr;
    reader.done(is_compressed ? Coding::kGzip : Coding::kPlain, is_compressed ? compressed : plain);
  }
  return bytes;
}

void MetricsPage::Run() {
  bool stopping = false;
  while (!stopping) {
    std::vector<Reader> readers, gone;
    {
      absl::MutexLock lock(&mutex_);
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !waiting_.empty(); };
      mutex_.Await(absl::Condition(&has_work));
      readers = waiting_.Take(std::max(size_t{1}, kBytesPerHost / bytes_), gone);
      stopping = stopping_ && waiting_.empty();
    }
    gone.clear();
    if (readers.empty()) continue;
    const absl::Duration begin = ProcessorTime();
    const size_t bytes = Answer(readers);
    readers.clear();
    const absl::Duration rest = kRest * (ProcessorTime() - begin);
    absl::MutexLock lock(&mutex_);
    bytes_ = std::max(size_t{1}, bytes);
    stop_.Await(mutex_, rest, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_; });
    stopping = stopping_ && waiting_.empty();
  }
}

}  // namespace roicast
