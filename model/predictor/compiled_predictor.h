// A Predictor that runs the kernels of one instruction set.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/predictor/compiled_model.h"
#include "model/predictor/predictor.h"

namespace roicast::predictor {

// Predictor::CompileUnverified with these kernels.
absl::StatusOr<std::unique_ptr<const Predictor>> CompileFor(const Artifact& artifact, const Kernels& kernels);

}  // namespace roicast::predictor
