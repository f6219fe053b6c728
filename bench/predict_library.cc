// Predictions from Python, without a server: peers of bench/explanation.cc ask the same model for the same rows.
// bench/peers/explanation_peers.py loads it with ctypes.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "model/artifact/artifact.h"
#include "model/predictor/predictor.h"

namespace {

using Handle = std::unique_ptr<const roicast::Predictor>;

}  // namespace

extern "C" {

// The model in a file; null and a message on stderr if there is none. Never closed.
void* roicast_open(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const auto artifact = roicast::ParseArtifact(std::string(std::istreambuf_iterator<char>(in), {}));
  if (!artifact.ok()) {
    std::fprintf(stderr, "%s: %s\n", path, artifact.status().ToString().c_str());
    return nullptr;
  }
  auto predictor = roicast::Predictor::Compile(*artifact);
  if (!predictor.ok()) {
    std::fprintf(stderr, "%s: %s\n", path, predictor.status().ToString().c_str());
    return nullptr;
  }
  return new Handle(*std::move(predictor));
}

// rows [n, features], raw; predictions [n].
void roicast_predict(const void* handle, const float* rows, int64_t n, float* predictions) {
  (*static_cast<const Handle*>(handle))->Predict(rows, n, absl::MakeSpan(predictions, static_cast<size_t>(n)), {});
}

}  // extern "C"
