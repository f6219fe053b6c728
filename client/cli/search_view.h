// What a search tried, and what making a model smaller cost, as parts of its report.
#pragma once

#include <string>

#include "client/cli/terminal.h"
#include "roicast/v1/report.pb.h"

namespace roicast::client {

// A table of what PRESET_AUTO tried, and a line for each reduction. Ends with a line break; empty without either.
std::string SearchText(const v1::TrainingReport& report, const Terminal& terminal);

}  // namespace roicast::client
