#include "client/cli/format.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/csv/csv_values.h"

namespace roicast::client {
namespace {

// PREFIX_FOO_BAR → "foo bar".
std::string Plain(absl::string_view name, absl::string_view prefix) {
  if (name.substr(0, prefix.size()) == prefix) name.remove_prefix(prefix.size());
  std::string text = absl::AsciiStrToLower(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

}  // namespace

std::string FormatCount(int64_t count) {
  std::string text = absl::StrCat(count);
  const int first = text[0] == '-' ? 1 : 0;
  for (int i = static_cast<int>(text.size()) - 3; i > first; i -= 3) text.insert(static_cast<size_t>(i), 1, ',');
  return text;
}

std::string FormatBytes(int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < 5) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? absl::StrCat(bytes, " B") : absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

std::string FormatClock(absl::Duration duration) {
  const int64_t seconds = std::max<int64_t>(0, std::llround(absl::ToDoubleSeconds(duration)));
  if (seconds >= 3600) return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
}

std::string FormatLatency(double nanoseconds) {
  if (nanoseconds < 1e6) return absl::StrFormat("%.0f µs", nanoseconds / 1e3);
  if (nanoseconds < 1e9) return absl::StrFormat("%.2f ms", nanoseconds / 1e6);
  return absl::StrFormat("%.2f s", nanoseconds / 1e9);
}

std::string FormatTimestamp(const google::protobuf::Timestamp& time) {
  return time.seconds() == 0 ? std::string() : FormatTime(time.seconds());
}

std::string FormatState(v1::JobState state) { return Plain(v1::JobState_Name(state), "JOB_STATE_"); }
std::string FormatPhase(v1::JobPhase phase) {
  return phase == v1::JOB_PHASE_UNSPECIFIED ? "starting" : Plain(v1::JobPhase_Name(phase), "JOB_PHASE_");
}
std::string FormatKind(v1::FeatureKind kind) {
  return kind == v1::FEATURE_KIND_UNSPECIFIED ? "left out" : Plain(v1::FeatureKind_Name(kind), "FEATURE_KIND_");
}

std::string FormatBar(double share, int cells) {
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * cells));
  return absl::StrCat("[", std::string(static_cast<size_t>(full), '#'),
                      std::string(static_cast<size_t>(cells - full), '.'), "]");
}

std::string FormatDigest(const std::string& digest) { return digest.substr(0, 12); }

}  // namespace roicast::client
