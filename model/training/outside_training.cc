#include "model/training/outside_training.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/one_line.h"
#include "base/range_count.h"

namespace roicast {
namespace {

constexpr size_t kMostOutside = 4;
constexpr size_t kMostNameBytes = 60;

}  // namespace

std::string OutsideTrainingText(const Schema& schema, const RowMajorMatrix& raw) {
  std::vector<std::string> found;
  for (int f = 0; f < schema.size(); ++f) {
    const Feature& feature = schema.features[static_cast<size_t>(f)];
    if (feature.kind != FeatureKind::kNumeric || !(feature.seen_min < feature.seen_max)) continue;
    RangeCount count(feature.seen_min, feature.seen_max);
    for (Eigen::Index row = 0; row < raw.rows(); ++row) count.Add(raw(row, f));
    if (count.outside() == 0) continue;
    const double factor = count.Factor();
    found.push_back(absl::StrCat(
        "\"", OneLine(feature.name, kMostNameBytes), "\" in ", count.outside(), " of ", raw.rows(),
        " rows (training saw ", absl::StrFormat("%.6g to %.6g", feature.seen_min, feature.seen_max),
        factor == 0.0
            ? ")"
            : absl::StrCat("; another unit? Nearly all would be inside if they were multiplied by ", factor, ")")));
  }
  if (found.empty()) return "";
  const size_t more = found.size() > kMostOutside ? found.size() - kMostOutside : 0;
  found.resize(found.size() - more);
  return absl::StrCat("outside training: ", absl::StrJoin(found, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more features") : "");
}

}  // namespace roicast
