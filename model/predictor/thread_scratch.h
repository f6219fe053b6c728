// A thread's memory for models whose scratch does not fit on the stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace roicast::predictor {

// Only grows. Aligned to 64 bytes.
class ThreadScratch {
 public:
  float* AtLeast(int64_t floats) {
    if (floats > size_) {
      memory_.reset(static_cast<float*>(::operator new(sizeof(float) * static_cast<size_t>(floats), kAlignment)));
      size_ = floats;
    }
    return memory_.get();
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(float* memory) const { ::operator delete(memory, kAlignment); }
  };
  std::unique_ptr<float, Free> memory_;
  int64_t size_ = 0;
};

}  // namespace roicast::predictor
