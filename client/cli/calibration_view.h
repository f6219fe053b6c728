// How sure a model's predictions are, as a line of its report.
#pragma once

#include <string>

#include "client/cli/terminal.h"
#include "roicast/v1/report.pb.h"

namespace roicast::client {

// Ends with a line break; empty for reports of a server that made no calibration.
std::string CalibrationText(const v1::CalibrationReport& report, const Terminal& terminal);

}  // namespace roicast::client
