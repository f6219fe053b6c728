// The report of a model as one HTML file, for people who plan campaigns.
#pragma once

#include <string>

#include "client/report/report_input.h"

namespace roicast::client {

// Self-contained: no network, no script; charts are inline SVG. The same input gives the same bytes.
std::string ReportHtml(const ReportInput& input);

}  // namespace roicast::client
