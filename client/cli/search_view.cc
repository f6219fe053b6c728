#include "client/cli/search_view.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/printable.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"

namespace roicast::client {
namespace {

constexpr int kMostTried = 20;  // the best ones; beyond them those that serve

std::string ReductionText(const v1::ReductionReport& reduction, const std::string& metric, const Terminal& terminal) {
  const std::vector<std::string> left_out(reduction.left_out().begin(), reduction.left_out().end());
  std::string line =
      absl::StrCat("  ", reduction.step(),
                   left_out.empty() ? "" : absl::StrCat(" (without ", absl::StrJoin(left_out, ", "), ")"), ": ");
  if (std::isfinite(reduction.metric_before()) && std::isfinite(reduction.metric_after())) {
    absl::StrAppendFormat(&line, "%s %.4f on the holdout instead of %.4f, ", metric, reduction.metric_after(),
                          reduction.metric_before());
  }
  absl::StrAppend(&line, FormatCount(reduction.multiplications_after()),
                  " multiplications for a prediction instead of ", FormatCount(reduction.multiplications_before()));
  return WrapToWidth(Printable(line), terminal.width, 4) + "\n";
}

}  // namespace

std::string SearchText(const v1::TrainingReport& report, const Terminal& terminal) {
  std::string text;
  if (report.tried_size() > 0) {
    absl::StrAppend(&text, "  tried, with the score on rows that were not learnt from (R², transformed):\n");
    TextTable table({"model", "score", {"seconds", TextTable::WhenNarrow::kDrop}, "share"});
    int left_out = 0;
    for (int i = 0; i < report.tried_size(); ++i) {
      const v1::TriedModel& tried = report.tried(i);
      if (i >= kMostTried && tried.share() == 0.0) {
        ++left_out;
        continue;
      }
      table.AddRow({tried.description(), absl::StrFormat("%.4f", tried.score()),
                    absl::StrFormat("%.1f", tried.seconds()),
                    tried.share() > 0 ? absl::StrFormat("%.0f %%", 100 * tried.share()) : ""});
    }
    absl::StrAppend(&text, table.ToString(terminal, "  "));
    if (left_out > 0) absl::StrAppend(&text, "  and ", left_out, " more; --json has all of them\n");
  }
  const std::string metric = report.holdout().model().has_two_valued() ? "AUC" : "R²";
  for (const v1::ReductionReport& reduction : report.reductions()) text += ReductionText(reduction, metric, terminal);
  return text;
}

}  // namespace roicast::client
