#include "client/cli/calibration_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/printable.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"

namespace roicast::client {

std::string CalibrationText(const v1::CalibrationReport& report, const Terminal& terminal) {
  const auto line = [&](const std::string& text, Tone tone) {
    return absl::StrCat(terminal.Paint(WrapToWidth(Printable(text), terminal.width, 4), tone), "\n");
  };
  if (!report.missing_because().empty()) {
    return line(absl::StrCat("  intervals: none: ", report.missing_because()), Tone::kWarning);
  }
  if (report.rows() == 0) return "";
  std::vector<std::string> parts;
  if (report.has_coverage()) {
    parts.push_back(absl::StrFormat("%.1f %% of the holdout is inside those of 90 %%", 100 * report.coverage()));
  }
  if (report.has_relative_width()) {
    parts.push_back(
        absl::StrFormat("they have %.2f of the width of intervals that are the same for all", report.relative_width()));
  }
  if (report.has_profit_reliability_error()) {
    parts.push_back(absl::StrFormat("probabilities of profit are %.3f off", report.profit_reliability_error()));
  }
  return line(absl::StrCat("  intervals: from the errors on ", FormatCount(report.rows()),
                           " rows that were not learnt from", parts.empty() ? "" : "; ", absl::StrJoin(parts, ", ")),
              Tone::kPlain);
}

}  // namespace roicast::client
