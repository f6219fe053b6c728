#include "server/reload.h"

#include "base/check.h"
#include "server/flag_table.h"

namespace roicast {

std::vector<FlagChange> ApplyReload(const ServerOptions& wanted, ServerOptions& running) {
  std::vector<FlagChange> changes;
  if (wanted.config != running.config) changes.push_back({"config", running.config, wanted.config, false});
  for (const FlagGroup& group : FlagGroups()) {
    for (const Flag& flag : group.flags) {
      const std::string from = FlagText(flag, running);
      const std::string to = FlagText(flag, wanted);
      if (from == to) continue;
      if (flag.reloadable) ROICAST_CHECK(SetFlag(flag, to, running).ok());
      changes.push_back({flag.name, from, to, flag.reloadable});
    }
  }
  return changes;
}

}  // namespace roicast
