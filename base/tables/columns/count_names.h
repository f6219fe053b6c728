// Names of columns that count something.
#pragma once

#include "absl/strings/string_view.h"

namespace roicast {

// Whether the numbers under this name are whole: "Impressions", "Link clicks", "Sitzungen", "点击量"; not "Cost per
// click", "Avg. views", "Impressions (k)" or "Conversions", of which there may be parts. Thread-safe.
bool NamesACount(absl::string_view name);

}  // namespace roicast
