// The zones that stand behind a time of day. Thread-safe.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"

namespace roicast {

struct Zone {
  // Minutes that its clocks are ahead of UTC; unset for UTC by its name: Z, UTC, GMT.
  std::optional<int> offset;

  friend bool operator==(const Zone&, const Zone&) = default;
};

// Z, UTC, GMT, ±HH:MM, ±HHMM or ±HH, and nothing else.
std::optional<Zone> ParseZone(absl::string_view text);

// The zone at the end of a cell that is a time; nullopt if it has none.
std::optional<Zone> ZoneOfTime(absl::string_view cell);

}  // namespace roicast
