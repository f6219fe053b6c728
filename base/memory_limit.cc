#include "base/memory_limit.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace roicast {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

// The number in a file; without one, as in "max", no limit.
int64_t ReadLimit(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  int64_t bytes = 0;
  return file >> word && absl::SimpleAtoi(word, &bytes) && bytes > 0 ? bytes : kNoLimit;
}

// The least limit of the group and of those that contain it. A container sees its own group as the top.
int64_t LimitOfGroups(const std::string& top, std::string group, absl::string_view file) {
  int64_t limit = ReadLimit(absl::StrCat(top, "/", file));
  while (group.size() > 1) {
    limit = std::min(limit, ReadLimit(absl::StrCat(top, group, "/", file)));
    group.resize(group.rfind('/'));
  }
  return limit;
}

}  // namespace

int64_t MemoryLimit(const std::string& root) {
  const int64_t machine = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  int64_t limit = machine > 0 ? machine : kNoLimit;
  const std::string top = root + "/sys/fs/cgroup";
  std::ifstream groups(root + "/proc/self/cgroup");
  std::string line;
  // hierarchy:controllers:/group; 0 and no controllers is version 2.
  while (std::getline(groups, line)) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3 || !absl::StartsWith(parts[2], "/")) continue;
    if (parts[1].empty()) {
      limit = std::min(limit, LimitOfGroups(top, parts[2], "memory.max"));
    } else if (absl::StrContains(absl::StrCat(",", parts[1], ","), ",memory,")) {
      limit = std::min(limit, LimitOfGroups(top + "/memory", parts[2], "memory.limit_in_bytes"));
    }
  }
  return limit;
}

}  // namespace roicast
