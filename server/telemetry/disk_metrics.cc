#include "server/telemetry/disk_metrics.h"

#include <sys/statvfs.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/new_thread.h"

namespace roicast {
namespace {

constexpr std::chrono::seconds kInterval(15);

prometheus::Gauge* AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return &prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

// Bytes of the regular files directly in the folder; files that vanish meanwhile count as 0. nullopt: the folder cannot
// be read.
std::optional<int64_t> BytesOfFiles(const std::string& folder) {
  std::error_code error;
  int64_t bytes = 0;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;
    if (!it->is_regular_file(gone)) continue;
    const uintmax_t size = it->file_size(gone);
    if (!gone) bytes += static_cast<int64_t>(size);
  }
  if (error) return std::nullopt;
  return bytes;
}

}  // namespace

DiskMetrics::DiskMetrics(std::string folder, prometheus::Registry& registry)
    : folder_(std::move(folder)),
      database_(AddGauge(registry, "roicast_store_database_bytes",
                         "Size of the store's database with its write-ahead log, in bytes.")),
      datasets_(AddGauge(registry, "roicast_store_datasets_bytes", "Size of all datasets in the store, in bytes.")),
      free_(AddGauge(registry, "roicast_store_filesystem_free_bytes",
                     "Bytes that the server may still write to the store's file system.")),
      size_(AddGauge(registry, "roicast_store_filesystem_size_bytes", "Size of the store's file system, in bytes.")) {}

void DiskMetrics::SampleIfDue(std::chrono::steady_clock::time_point now) {
  JoinEnded();
  if (now < next_ || sample_.valid()) return;
  next_ = now + kInterval;
  // Without a thread, the figures are as old as they are.
  static_cast<void>(RunAsync([this] { Sample(); }, sample_));
}

void DiskMetrics::JoinEnded() {
  if (sample_.valid() && sample_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) sample_.get();
}

void DiskMetrics::Wait() {
  if (sample_.valid()) sample_.wait();
}

void DiskMetrics::Sample() const {
  if (const std::optional<int64_t> bytes = BytesOfFiles(folder_)) database_->Set(static_cast<double>(*bytes));
  if (const std::optional<int64_t> bytes = BytesOfFiles(folder_ + "/datasets")) {
    datasets_->Set(static_cast<double>(*bytes));
  }
  struct statvfs system {};
  if (::statvfs(folder_.c_str(), &system) == 0) {
    free_->Set(static_cast<double>(system.f_bavail) * static_cast<double>(system.f_frsize));
    size_->Set(static_cast<double>(system.f_blocks) * static_cast<double>(system.f_frsize));
  }
}

}  // namespace roicast
