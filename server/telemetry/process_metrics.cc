#include "server/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace roicast {
namespace {

std::string ReadFile(const char* path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// Fields of /proc/self/stat from the third on (proc(5) numbers them from 1): the second, the program's name, may
// itself contain blanks and parentheses.
std::vector<std::string> StatFields() {
  const std::string stat = ReadFile("/proc/self/stat");
  const size_t end = stat.rfind(") ");
  if (end == std::string::npos) return {};
  return absl::StrSplit(stat.substr(end + 2), ' ');
}

std::optional<double> Field(const std::vector<std::string>& fields, size_t number) {
  double value = 0;
  if (number - 3 >= fields.size() || !absl::SimpleAtod(fields[number - 3], &value)) return std::nullopt;
  return value;
}

// "btime" of /proc/stat: when the machine started, in seconds since 1970.
std::optional<double> BootTime() {
  const std::string stat = ReadFile("/proc/stat");
  const size_t at = stat.find("btime ");
  double value = 0;
  if (at == std::string::npos || !absl::SimpleAtod(stat.substr(at + 6, stat.find('\n', at) - at - 6), &value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> OpenDescriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return std::nullopt;
  double count = 0;
  while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(folder);
  return count - 1;  // Except the one that reads the folder.
}

void Append(std::vector<prometheus::MetricFamily>& families, const char* name, const char* help,
            prometheus::MetricType type, std::optional<double> value) {
  if (!value.has_value()) return;
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  family.metric.emplace_back();
  (type == prometheus::MetricType::Counter ? family.metric[0].counter.value : family.metric[0].gauge.value) = *value;
  families.push_back(std::move(family));
}

}  // namespace

void CollectProcess(std::vector<prometheus::MetricFamily>& families) {
  using prometheus::MetricType;
  const std::vector<std::string> fields = StatFields();
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::optional<double> cpu, resident, start, max_descriptors;
  if (const auto user = Field(fields, 14), system = Field(fields, 15); user && system) cpu = (*user + *system) / ticks;
  if (const auto pages = Field(fields, 24)) resident = *pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (const auto begin = Field(fields, 22), boot = BootTime(); begin && boot) start = *boot + *begin / ticks;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) max_descriptors = static_cast<double>(limit.rlim_cur);
  Append(families, "process_cpu_seconds_total", "User and system CPU time spent, in seconds.", MetricType::Counter,
         cpu);
  Append(families, "process_resident_memory_bytes", "Resident memory, in bytes.", MetricType::Gauge, resident);
  Append(families, "process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenDescriptors());
  Append(families, "process_max_fds", "Maximum number of open file descriptors.", MetricType::Gauge, max_descriptors);
  Append(families, "process_threads", "Threads.", MetricType::Gauge, Field(fields, 20));
  Append(families, "process_start_time_seconds", "When the process started, in seconds since 1970.", MetricType::Gauge,
         start);
}

}  // namespace roicast
