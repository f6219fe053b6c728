#include "client/cli/format.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/printable.h"
#include "base/tables/time_form.h"
#include "client/cli/enum_words.h"

namespace roicast::client {

std::string FormatCount(int64_t count) {
  std::string text = absl::StrCat(count);
  const int first = text[0] == '-' ? 1 : 0;
  for (int i = static_cast<int>(text.size()) - 3; i > first; i -= 3) text.insert(static_cast<size_t>(i), 1, ',');
  return text;
}

std::string FormatNumber(double value) {
  const double size = std::fabs(value);
  if (size < 1e3 || !(size < 1e12)) return absl::StrFormat("%.4g", value);
  return FormatCount(std::llround(value));
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

std::string FormatState(v1::JobState state) { return EnumWord(state, ' '); }
std::string FormatPhase(v1::JobPhase phase) {
  return phase == v1::JOB_PHASE_UNSPECIFIED ? "starting" : EnumWord(phase, ' ');
}
std::string FormatKind(v1::FeatureKind kind) {
  return kind == v1::FEATURE_KIND_UNSPECIFIED ? "left out" : EnumWord(kind, ' ');
}

std::string FormatTransform(v1::NumericTransform transform) {
  return transform <= v1::NUMERIC_TRANSFORM_NONE ? "" : EnumWord(transform, ' ');
}
std::string WarningName(v1::WarningKind kind) { return EnumWord(kind, '_'); }

std::string FormatVersion(absl::string_view model, int64_t version) {
  return absl::StrCat(Printable(model), " version ", version);
}
std::string FormatVersion(const v1::ServedBy& served) { return FormatVersion(served.model(), served.version()); }
std::string FormatVersion(const v1::Model& model) { return FormatVersion(model.name(), model.version()); }

std::string FormatRate(int64_t count, absl::Duration took) {
  return FormatCount(static_cast<int64_t>(static_cast<double>(count) / std::max(1e-3, absl::ToDoubleSeconds(took))));
}

std::string FormatBar(double share, int cells) {
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * cells));
  return absl::StrCat("[", std::string(static_cast<size_t>(full), '#'),
                      std::string(static_cast<size_t>(cells - full), '.'), "]");
}

std::string FormatValidation(int64_t rows, bool chooses_epoch) {
  const std::string count = FormatCount(rows);
  if (rows == 0) return absl::StrCat(count, " for validation");
  return absl::StrCat(count, chooses_epoch ? " to choose the epoch" : " only watched");
}

std::string FormatDigest(const std::string& digest) { return Printable(absl::string_view(digest).substr(0, 12)); }

}  // namespace roicast::client
