// Whole numbers in as few bytes as they need, the same for all: one, two or four.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "absl/types/span.h"
#include "model/data/value_iterator.h"

namespace roicast {

// Reads as a vector of int32_t; a value that does not fit makes all of them wider. Const methods are safe to call
// concurrently.
class PackedInts {
 public:
  using value_type = int32_t;
  using const_iterator = ValueIterator<PackedInts>;
  using iterator = const_iterator;

  PackedInts() = default;
  PackedInts(std::initializer_list<int32_t> values) {
    for (const int32_t value : values) push_back(value);
  }

  // As a vector has them.
  PackedInts(const std::vector<int32_t>& values) {  // NOLINT(google-explicit-constructor)
    reserve(values.size());
    for (const int32_t value : values) push_back(value);
  }

  size_t size() const { return width_ == 1 ? bytes_.size() : width_ == 2 ? shorts_.size() : words_.size(); }
  bool empty() const { return size() == 0; }
  int32_t operator[](size_t i) const { return width_ == 1 ? bytes_[i] : width_ == 2 ? shorts_[i] : words_[i]; }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, size()}; }

  // So many will be added, in whichever width.
  void reserve(size_t size);
  void push_back(int32_t value) {
    if (!Fits(value)) Widen(value);
    if (width_ == 1) {
      bytes_.push_back(static_cast<int8_t>(value));
    } else if (width_ == 2) {
      shorts_.push_back(static_cast<int16_t>(value));
    } else {
      words_.push_back(value);
    }
  }
  // As asked for.
  size_t reserved() const { return reserved_; }
  void set(size_t i, int32_t value);
  void assign(size_t size, int32_t value);
  void clear() { *this = PackedInts(); }
  // Those at these places, in the order given.
  PackedInts Select(absl::Span<const int64_t> rows) const;

  int width() const { return width_; }
  // Of the values.
  size_t memory_bytes() const { return size() * static_cast<size_t>(width_); }

  friend bool operator==(const PackedInts& a, const PackedInts& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  bool Fits(int32_t value) const {
    return width_ == 4 || (width_ == 1 ? value == static_cast<int8_t>(value) : value == static_cast<int16_t>(value));
  }
  void Widen(int32_t value);

  int width_ = 1;
  size_t reserved_ = 0;
  std::vector<int8_t> bytes_;
  std::vector<int16_t> shorts_;
  std::vector<int32_t> words_;
};

}  // namespace roicast
