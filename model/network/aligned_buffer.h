// Floats aligned to a cache line, so that a vector of any width loads in one access.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace roicast {

// Zero-filled, unless it says otherwise; a resize clears it. Movable. Not thread-safe.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) { Reset(size); }

  void Reset(size_t size) {
    Allocate(size);
    Clear();
  }
  // The values are undefined until they are written: what fills a gigabyte piece by piece can be stopped in between.
  void ResetUnfilled(size_t size) {
    Allocate(size);
    std::memset(values_.get() + size, 0, Bytes(size) - size * sizeof(float));
  }
  void Clear() {
    if (values_ != nullptr) std::memset(values_.get(), 0, Bytes(size_));
  }
  // Sizes must be equal.
  void CopyFrom(const AlignedBuffer& other) { std::memcpy(values_.get(), other.values_.get(), Bytes(size_)); }

  float* data() { return values_.get(); }
  const float* data() const { return values_.get(); }
  size_t size() const { return size_; }
  float& operator[](size_t i) { return values_.get()[i]; }
  const float& operator[](size_t i) const { return values_.get()[i]; }

 private:
  static constexpr size_t kAlignment = 64;
  void Allocate(size_t size) {
    values_.reset(static_cast<float*>(::operator new (Bytes(size), std::align_val_t{kAlignment})));
    size_ = size;
  }
  struct Free {
    void operator()(float* values) const { ::operator delete (values, std::align_val_t{kAlignment}); }
  };
  // At least one line, in whole lines.
  static size_t Bytes(size_t size) { return (size * sizeof(float) / kAlignment + 1) * kAlignment; }

  std::unique_ptr<float, Free> values_;
  size_t size_ = 0;
};

}  // namespace roicast
