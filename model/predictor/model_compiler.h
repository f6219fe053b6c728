// Folds an artifact's preprocessing, network and target into the arrays that the kernels read.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/predictor/compiled_model.h"

namespace roicast::predictor {

// A CompiledModel and the memory it points into.
class OwnedModel {
 public:
  OwnedModel() = default;
  OwnedModel(const OwnedModel&) = delete;
  OwnedModel& operator=(const OwnedModel&) = delete;

  CompiledModel model = {};
  int64_t bytes = 0;

  // A zeroed array, aligned to 64 bytes, which lives as long as this.
  template <typename T>
  T* Allocate(int64_t n) {
    return static_cast<T*>(AllocateBytes(static_cast<int64_t>(sizeof(T)) * n));
  }

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  void* AllocateBytes(int64_t size);

  std::vector<std::unique_ptr<void, Free>> memory_;
};

// Errors: InvalidArgument (mismatched sizes, numbers out of range).
absl::StatusOr<std::unique_ptr<const OwnedModel>> CompileModel(const Artifact& artifact);

}  // namespace roicast::predictor
