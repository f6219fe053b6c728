#include "server/services/prediction/warning_counts.h"

#include <algorithm>
#include <cstddef>

#include "base/enumerators.h"

namespace roicast {
namespace {

static_assert(std::size(kAllWarningKinds) == kEnumerators<WarningKind>);
static_assert(kWarningMetrics == kEnumerators<WarningKind>);

WarningMetric MetricOf(WarningKind kind) {
  switch (kind) {
    case WarningKind::kValueImputed:
      return WarningMetric::kValueImputed;
    case WarningKind::kCategoryUnseen:
      return WarningMetric::kCategoryUnseen;
    case WarningKind::kValueOutOfRange:
      return WarningMetric::kValueOutOfRange;
    case WarningKind::kValueOutOfWordRange:
      return WarningMetric::kValueOutOfWordRange;
  }
  return WarningMetric::kValueImputed;
}

}  // namespace

void WarningCounts::AddRow(absl::Span<const RowWarning> warnings) {
  for (size_t k = 0; k < rows_.size(); ++k) {
    rows_[k] += std::any_of(warnings.begin(), warnings.end(),
                            [k](const RowWarning& warning) { return warning.kind == kAllWarningKinds[k]; });
  }
}

void WarningCounts::WriteTo(ModelMetrics& metrics) const {
  for (size_t k = 0; k < rows_.size(); ++k) {
    if (rows_[k] > 0) metrics.CountWarnings(MetricOf(kAllWarningKinds[k]), rows_[k]);
  }
}

}  // namespace roicast
