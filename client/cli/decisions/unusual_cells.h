// Which cells of a table are blank.
#pragma once

#include <string>

#include "client/cli/decisions/campaign_table.h"
#include "client/cli/terminal.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// A line per feature with cells that are missing: how many rows, and the first line. They are what makes answers call a
// row "unusual", beside what is among the table's findings. Features without a column are said elsewhere. Empty if
// there are none.
std::string UnusualCellsText(const v1::Schema& schema, const CampaignTable& table, const Terminal& terminal);

}  // namespace roicast::client
