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
    const v1::Feature& feature = schema.features(f);
    const bool numeric = feature.kind() == v1::FEATURE_KIND_NUMERIC && feature.seen_min() < feature.seen_max();
    CountedCells missing, outside;
    for (int64_t row = 0; row < table.size(); ++row) {
      const float value = table.Value(row, f);
      const int64_t line = table.lines[static_cast<size_t>(row)];
      if (std::isnan(value)) {
        missing.Add(line);
      } else if (numeric &&
                 (value < static_cast<float>(feature.seen_min()) || value > static_cast<float>(feature.seen_max()))) {
        outside.Add(line);
      }
    }
    const std::string name = OneLine(feature.name(), 100);
    if (missing.rows > 0) warn(absl::StrCat("no value: ", name, " (", missing.Text(), "); a typical one is used"));
    if (outside.rows > 0) {
      warn(absl::StrCat("outside training: ", name, " (", outside.Text(), "); training saw ",
                        FormatNumber(feature.seen_min()), " to ", FormatNumber(feature.seen_max())));
    }
  }
  return text;
}

}  // namespace roicast::client
