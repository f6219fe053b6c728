// A Predictor for attention over features.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/network/attention/attention_kernels.h"
#include "model/predictor/predictor.h"

namespace roicast::predictor {

// Predictor::CompileUnverified for an artifact with attention. Rows are encoded by the preprocessor itself, and go
// through the network in blocks of 16: a block costs the same however many rows it has.
absl::StatusOr<std::unique_ptr<const Predictor>> CompileAttention(const Artifact& artifact,
                                                                  const attention::Kernels& kernels);

}  // namespace roicast::predictor
