// A packed repeated field of a request: in memory of its own, or still where the transport left it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// Memory that is used again and is not cleared in between.
template <typename T>
class Scratch {
 public:
  // Room for `size` values, which may be anything; what was there is lost.
  T* Resize(size_t size) {
    if (size > capacity_) {
      data_ = std::make_unique_for_overwrite<T[]>(size);
      capacity_ = size;
    }
    size_ = size;
    return data_.get();
  }
  // Gives memory beyond `values` back.
  void ShrinkTo(size_t values) {
    if (capacity_ <= values) return;
    data_.reset();
    capacity_ = size_ = 0;
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }
  absl::Span<const T> span() const { return {data_.get(), size_}; }
  absl::Span<T> mutable_span() { return {data_.get(), size_}; }

 private:
  std::unique_ptr<T[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Little-endian numbers of fixed size, as the wire and every x86-64 have them.
template <typename T>
class PackedArray {
 public:
  void Clear() {
    source_ = nullptr;
    size_ = 0;
  }
  // The values are those of `values`.
  template <typename Values>
  void Copy(const Values& values) {
    Clear();
    size_ = static_cast<size_t>(values.size());
    std::copy(values.begin(), values.end(), own_.Resize(size_));
  }
  // The values are those in `bytes`, a whole number of them, which have to outlive their use.
  void Refer(absl::string_view bytes) {
    source_ = bytes.data();
    size_ = bytes.size() / sizeof(T);
  }

  size_t size() const { return size_; }
  // Values [begin, begin + count): where they are, or, if they are not aligned there, copied to `room` [count].
  const T* Part(size_t begin, size_t count, T* room) const {
    if (source_ == nullptr) return own_.data() + begin;
    const char* const from = source_ + begin * sizeof(T);
    if (reinterpret_cast<uintptr_t>(from) % alignof(T) == 0) return reinterpret_cast<const T*>(from);
    std::memcpy(room, from, count * sizeof(T));
    return room;
  }
  size_t own_bytes() const { return own_.size() * sizeof(T); }
  void ShrinkTo(size_t values) { own_.ShrinkTo(values); }

 private:
  Scratch<T> own_;
  const char* source_ = nullptr;
  size_t size_ = 0;
};

}  // namespace roicast
