#include "model/artifact/artifact.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "model/artifact/body_conversion.h"
#include "model/artifact/body_limits.h"

namespace roicast {
namespace {

// The header: docs/artifact-format.md.
constexpr absl::string_view kMagic("ROICAST\0", 8);
constexpr size_t kVersionOffset = 8, kHeaderSizeOffset = 12, kBodyLengthOffset = 16, kDigestOffset = 24;
constexpr size_t kDigestSize = 32;
constexpr size_t kHeaderSize = kDigestOffset + kDigestSize;

void AppendLittleEndian(uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

uint64_t ReadLittleEndian(absl::string_view bytes, size_t offset, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

// Checks all fields of the header but the digest. Returns the body.
absl::StatusOr<absl::string_view> CheckHeader(absl::string_view bytes) {
  if (bytes.size() > static_cast<size_t>(kMaxArtifactBytes)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("artifact: expected at most ", kMaxArtifactBytes, " bytes, got ", bytes.size()));
  }
  ROICAST_ASSIGN_OR_RETURN(const std::optional<int64_t> size, ArtifactSizeFromStart(bytes));
  if (!size.has_value()) {
    return absl::DataLossError(
        absl::StrCat("artifact is truncated: expected a header of ", kHeaderSize, " bytes, got ", bytes.size()));
  }
  const uint64_t body_length = static_cast<uint64_t>(*size) - kHeaderSize;
  const uint64_t present = bytes.size() - kHeaderSize;
  if (body_length != present) {
    return absl::DataLossError(
        absl::StrCat(present < body_length ? "artifact is truncated" : "artifact has trailing bytes",
                     ": expected a body of ", body_length, " bytes, got ", present));
  }
  return bytes.substr(kHeaderSize);
}

}  // namespace

NumberEncoding CountRamps(const Schema& schema, const std::vector<FittedFeature>& features) {
  NumberEncoding encoding;
  for (size_t i = 0; i < features.size(); ++i) {
    if (schema.features[i].kind != FeatureKind::kNumeric && !features[i].trend) continue;
    ++encoding.numbers;
    if (features[i].ramps.empty()) continue;
    ++encoding.with_ramps;
    encoding.ramps += static_cast<int>(features[i].ramps.size()) - 1;
  }
  return encoding;
}

const MetricsWithBaseline& TrainingReport::OfNewRows() const {
  return holdout.model.rows > 0 ? holdout : cross_validation.all;
}

double TrainingReport::HoldoutR2() const {
  return holdout.model.rows > 0 ? holdout.model.transformed.r2 : std::numeric_limits<double>::quiet_NaN();
}

std::vector<std::string> TrainingReport::MissingValues() const {
  return cleaning.reading.has_value() ? cleaning.reading->missing_values : std::vector<std::string>();
}

absl::StatusOr<std::optional<int64_t>> ArtifactSizeFromStart(absl::string_view start) {
  const size_t magic_size = std::min(start.size(), kMagic.size());
  if (start.substr(0, magic_size) != kMagic.substr(0, magic_size)) {
    return absl::InvalidArgumentError("not an artifact: the file does not start with \"ROICAST\"");
  }
  if (start.size() < kHeaderSize) return std::nullopt;
  const auto version = static_cast<uint32_t>(ReadLittleEndian(start, kVersionOffset, 4));
  if (version != kArtifactFormatVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("artifact has format version ", version, ", this release reads version ", kArtifactFormatVersion));
  }
  const uint64_t header_size = ReadLittleEndian(start, kHeaderSizeOffset, 4);
  if (header_size != kHeaderSize) {
    return absl::DataLossError(
        absl::StrCat("artifact header is damaged: expected its size to be ", kHeaderSize, ", got ", header_size));
  }
  const uint64_t body_length = ReadLittleEndian(start, kBodyLengthOffset, 8);
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(kHeaderSize + std::min(body_length, kMost - kHeaderSize));
}

std::string SerializeArtifact(const Artifact& artifact) {
  std::string body;
  {
    google::protobuf::io::StringOutputStream stream(&body);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    ROICAST_CHECK(BodyFromArtifact(artifact).SerializeToCodedStream(&coded));
  }
  std::string bytes(kMagic);
  bytes.reserve(kHeaderSize + body.size());
  AppendLittleEndian(kArtifactFormatVersion, 4, bytes);
  AppendLittleEndian(kHeaderSize, 4, bytes);
  AppendLittleEndian(body.size(), 8, bytes);
  bytes.append(Sha256Bytes(body));
  bytes.append(body);
  return bytes;
}

absl::StatusOr<Artifact> ParseArtifact(absl::string_view bytes) {
  ROICAST_ASSIGN_OR_RETURN(const absl::string_view body_bytes, CheckHeader(bytes));
  if (const std::string digest = Sha256Bytes(body_bytes); bytes.substr(kDigestOffset, kDigestSize) != digest) {
    return absl::DataLossError(absl::StrCat("artifact is damaged: expected SHA-256 ",
                                            absl::BytesToHexString(bytes.substr(kDigestOffset, kDigestSize)),
                                            " of the body, got ", absl::BytesToHexString(digest)));
  }
  ROICAST_RETURN_IF_ERROR(CheckBodyLimits(body_bytes));
  artifact::v1::Artifact body;
  if (!body.ParseFromArray(body_bytes.data(), static_cast<int>(body_bytes.size()))) {
    return absl::InvalidArgumentError("artifact body: not a valid protobuf message");
  }
  absl::StatusOr<Artifact> artifact = ArtifactFromBody(body);
  if (!artifact.ok()) return WithContext(artifact.status(), "artifact body");
  return artifact;
}

}  // namespace roicast
