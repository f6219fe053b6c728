// Any bytes are refused with a reason or are an artifact: one that is written and read again the same, and that
// predicts. The first byte says whether the others are a file, or a body for which a right header is made: the digest
// would stop nearly every change of a file.
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/check.h"
#include "model/artifact/artifact.h"
#include "model/predictor/predictor.h"
#include "tests/model/artifact/artifact_bytes.h"

namespace roicast {
namespace {

void Predict(const Artifact& artifact) {
  const absl::StatusOr<std::unique_ptr<const Predictor>> predictor = Predictor::CompileUnverified(artifact);
  if (!predictor.ok()) {
    ROICAST_CHECK(!predictor.status().message().empty());
    return;
  }
  const size_t count = artifact.golden.predictions.size();
  ROICAST_CHECK(artifact.golden.rows.size() == count * artifact.schema.features.size());
  std::vector<float> roi(count);
  std::vector<uint8_t> flags(count);
  (*predictor)
      ->Predict(artifact.golden.rows.data(), static_cast<int64_t>(count), absl::MakeSpan(roi), absl::MakeSpan(flags));
  // Other weights may well be too large for other rows; a file that serves was verified.
  if (!Predictor::Compile(artifact).ok()) return;
  for (size_t i = 0; i < count; ++i) ROICAST_CHECK(flags[i] != 0 || !std::isnan(roi[i]));
}

void Check(bool is_file, absl::string_view bytes) {
  const std::string file = is_file ? std::string(bytes) : testing::WithBody(bytes);
  const absl::StatusOr<Artifact> artifact = ParseArtifact(file);
  if (!artifact.ok()) {
    ROICAST_CHECK(!artifact.status().message().empty());
    return;
  }
  const std::string written = SerializeArtifact(*artifact);
  const absl::StatusOr<Artifact> again = ParseArtifact(written);
  ROICAST_CHECK(again.ok());
  ROICAST_CHECK(SerializeArtifact(*again) == written);
  Predict(*artifact);
}

}  // namespace
}  // namespace roicast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  roicast::Check(data[0] == 'f', absl::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
