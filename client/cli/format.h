// Numbers, times and states for people.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "roicast/v1/model.pb.h"
#include "roicast/v1/prediction.pb.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

// 1234567 → "1,234,567".
std::string FormatCount(int64_t count);
// Four digits, or all before the decimal point: 0.12345 → "0.1235", 12493.4 → "12,493". With an exponent from 1e12 on.
std::string FormatNumber(double value);
// 1536 → "1.5 KiB".
std::string FormatBytes(int64_t bytes);
// "0:07", "2:05", "1:02:05".
std::string FormatClock(absl::Duration duration);
// "85 µs", "1.25 ms", "3.1 s".
std::string FormatLatency(double nanoseconds);
// UTC, to the second; empty for no time.
std::string FormatTimestamp(const google::protobuf::Timestamp& time);
// JOB_STATE_RUNNING → "running".
std::string FormatState(v1::JobState state);
std::string FormatPhase(v1::JobPhase phase);
std::string FormatKind(v1::FeatureKind kind);
// A share of 1 as a bar of `cells` characters.
std::string FormatBar(double share, int cells);
// "default version 7".
std::string FormatVersion(absl::string_view model, int64_t version);
std::string FormatVersion(const v1::ServedBy& served);
std::string FormatVersion(const v1::Model& model);
// VALUE_IMPUTED → "value_imputed", for JSON.
std::string WarningName(v1::WarningKind kind);
// NUMERIC_TRANSFORM_LOG1P → "log1p"; empty for none.
std::string FormatTransform(v1::NumericTransform transform);
// How many in a second: "1,234".
std::string FormatRate(int64_t count, absl::Duration took);
// What the validation rows are for: "900 to choose the epoch", "900 only watched", "0 for validation".
std::string FormatValidation(int64_t rows, bool chooses_epoch);
// The first 12 digits of a digest.
std::string FormatDigest(const std::string& digest);

}  // namespace roicast::client
