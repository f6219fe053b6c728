#include "server/reload.h"

#include <utility>

#include "base/check.h"

namespace roicast {

std::vector<FlagChange> ApplyReload(const ServerOptions& wanted, ServerOptions& running) {
  const std::vector<std::pair<std::string, std::string>> before = running.Effective();
  const std::vector<std::pair<std::string, std::string>> asked = wanted.Effective();
  running.access_log_every = wanted.access_log_every;
  running.drain_timeout = wanted.drain_timeout;
  running.lame_duck = wanted.lame_duck;
  running.log_level = wanted.log_level;
  const std::vector<std::pair<std::string, std::string>> after = running.Effective();
  ROICAST_CHECK(before.size() == asked.size() && before.size() == after.size());
  std::vector<FlagChange> changes;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].second == asked[i].second) continue;
    changes.push_back({before[i].first, before[i].second, asked[i].second, after[i].second == asked[i].second});
  }
  return changes;
}

}  // namespace roicast
