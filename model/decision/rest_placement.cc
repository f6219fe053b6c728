#include "model/decision/rest_placement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {

std::vector<RestPlacement::Room> RestPlacement::RoomsOf(int group, const std::vector<int64_t>& units) const {
  const std::vector<int64_t> of_group = budget_.RoomOfGroups(units);
  std::vector<Room> rooms;
  for (size_t c = 0; c < units.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    if (!campaign.any_amount() || units[c] < campaign.min || !budget_.IsIn(campaign.group, group)) continue;
    int64_t room = campaign.max - units[c];
    if (campaign.group >= 0) room = std::min(room, of_group[static_cast<size_t>(campaign.group)]);
    if (room > 0) rooms.push_back({c, room});
  }
  return rooms;
}

absl::Status RestPlacement::Place(int group, int64_t rest, std::vector<int64_t>& units) const {
  while (rest > 0) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    std::vector<Room> rooms = RoomsOf(group, units);
    if (rooms.empty()) return absl::InternalError(absl::StrCat("no room for the last ", rest, " units"));
    const auto most =
        std::max_element(rooms.begin(), rooms.end(), [](const Room& a, const Room& b) { return a.units < b.units; });
    const int64_t amount = std::min(rest, most->units);
    std::erase_if(rooms, [&](const Room& room) { return room.units < amount; });
    Amounts amounts;
    for (const Room& room : rooms) {
      amounts.Add(static_cast<int32_t>(room.campaign), units[room.campaign]);
      amounts.Add(static_cast<int32_t>(room.campaign), units[room.campaign] + amount);
    }
    std::vector<double> roi, value;
    ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, roi, value, stop_));
    size_t best = 0;
    for (size_t i = 1; i < rooms.size(); ++i) {
      if (value[2 * i + 1] - value[2 * i] > value[2 * best + 1] - value[2 * best]) best = i;
    }
    units[rooms[best].campaign] += amount;
    rest -= amount;
  }
  return absl::OkStatus();
}

}  // namespace roicast
