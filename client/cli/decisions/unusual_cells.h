// Which cells of a table a version has no experience with.
#pragma once

#include <string>

#include "client/cli/decisions/campaign_table.h"
#include "client/cli/terminal.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// A line per feature with cells that are missing, and per number outside the range of training: how many rows, the
// first line, and what training saw. They are what makes answers call a row "unusual", beside words that were not
// learnt, which are among the table's findings. Features without a column are said elsewhere. Empty if there are none.
std::string UnusualCellsText(const v1::Schema& schema, const CampaignTable& table, const Terminal& terminal);

}  // namespace roicast::client
