#include "server/telemetry/final_counts.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "prometheus/metric_family.h"

namespace roicast {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// roicast_rpc_requests_total and roicast_rows_predicted_total have the same counts.
constexpr std::array<absl::string_view, 2> kCountedElsewhere = {"roicast_rpc_latency_seconds",
                                                                "roicast_prediction_roi"};

bool IsCounted(const MetricFamily& family) {
  if (!absl::StartsWith(family.name, "roicast_")) return false;
  for (const absl::string_view name : kCountedElsewhere) {
    if (family.name == name) return false;
  }
  return family.type == MetricType::Counter || family.type == MetricType::Histogram;
}

// These would be dozens of lines of no interest.
bool IsStoreSuccess(const MetricFamily& family, const ClientMetric& metric) {
  return family.name == "roicast_store_operation_latency_seconds" &&
         std::any_of(metric.label.begin(), metric.label.end(),
                     [](const ClientMetric::Label& label) { return label.value == "OK"; });
}

std::string Series(absl::string_view name, const ClientMetric& metric) {
  const std::string labels = absl::StrJoin(metric.label, ",", [](std::string* out, const ClientMetric::Label& label) {
    absl::StrAppend(out, label.name, "=\"", label.value, "\"");
  });
  return labels.empty() ? std::string(name) : absl::StrCat(name, "{", labels, "}");
}

}  // namespace

void LogFinalCounts(const prometheus::Collectable& metrics, const Logger& logger) {
  for (const MetricFamily& family : metrics.Collect()) {
    if (!IsCounted(family)) continue;
    const bool histogram = family.type == MetricType::Histogram;
    const std::string name = absl::StrCat(family.name, histogram ? "_count" : "");
    for (const ClientMetric& metric : family.metric) {
      const double value = histogram ? static_cast<double>(metric.histogram.sample_count) : metric.counter.value;
      if (value == 0 || IsStoreSuccess(family, metric)) continue;
      logger.Info("last value", {{"series", Series(name, metric)}, {"value", static_cast<int64_t>(value)}});
    }
  }
}

}  // namespace roicast
