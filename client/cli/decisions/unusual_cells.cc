#include "client/cli/decisions/unusual_cells.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/one_line.h"
#include "client/cli/format.h"

namespace roicast::client {
namespace {

struct CountedCells {
  int64_t rows = 0;
  int64_t line = 0;

  void Add(int64_t at) {
    if (++rows == 1) line = at;
  }
  std::string Text() const {
    return absl::StrCat(FormatCount(rows), rows == 1 ? " row, line " : " rows, the first on line ", line);
  }
};

}  // namespace

std::string UnusualCellsText(const v1::Schema& schema, const CampaignTable& table, const Terminal& terminal) {
  std::string text;
  const auto warn = [&](const std::string& line) {
    absl::StrAppend(&text, terminal.Paint(line, Tone::kWarning), "\n");
  };
  for (const FeatureColumn& found : table.columns.found) {
    const auto f = static_cast<int>(found.feature);
    CountedCells missing;
    for (int64_t row = 0; row < table.size(); ++row) {
      if (std::isnan(table.Value(row, f))) missing.Add(table.lines[static_cast<size_t>(row)]);
    }
    const std::string name = OneLine(schema.features(f).name(), 100);
    if (missing.rows > 0) warn(absl::StrCat("no value: ", name, " (", missing.Text(), "); a typical one is used"));
  }
  return text;
}

}  // namespace roicast::client
