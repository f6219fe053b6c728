// Numbers in as few bytes as they need. Those of a table are mostly whole, or have a few decimals: then each is a whole
// number of tenths, hundredths and so on, of one, two or four bytes, and otherwise a double.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <vector>

#include "absl/types/span.h"
#include "model/data/packed_ints.h"
#include "model/data/value_iterator.h"

namespace roicast {

// Reads as a vector of doubles, and gives each back as it was added, to the bit, but for the payload of a NaN. Const
// methods are safe to call concurrently.
class PackedNumbers {
 public:
  using value_type = double;
  using const_iterator = ValueIterator<PackedNumbers>;
  using iterator = const_iterator;

  PackedNumbers() = default;
  PackedNumbers(std::initializer_list<double> values) {
    for (const double value : values) push_back(value);
  }

  // As a vector has them.
  PackedNumbers(const std::vector<double>& values) {  // NOLINT(google-explicit-constructor)
    reserve(values.size());
    for (const double value : values) push_back(value);
  }

  size_t size() const { return plain_ ? doubles_.size() : parts_.size(); }
  bool empty() const { return size() == 0; }
  double operator[](size_t i) const {
    if (plain_) return doubles_[i];
    const int32_t part = parts_[i];
    // Correctly rounded, as the number that was read: both are exact (Clinger, How to Read Floating Point Numbers
    // Accurately, 1990, section 3).
    return part == kNoNumber ? std::numeric_limits<double>::quiet_NaN() : part / divisor_;
  }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, size()}; }
  std::vector<double> ToVector() const { return {begin(), end()}; }

  // So many will be added, in whichever form.
  void reserve(size_t size);
  void push_back(double value) {
    if (!plain_) {
      const int32_t part = PartOf(value);
      if (part != kUnfit) return parts_.push_back(part);
      MakeRoomFor(value);
      return push_back(value);
    }
    doubles_.push_back(value);
  }
  void set(size_t i, double value);
  void assign(size_t size, double value);
  void clear() { *this = PackedNumbers(); }
  // Those at these places, in the order given.
  PackedNumbers Select(absl::Span<const int64_t> rows) const;

  // Of the values.
  size_t memory_bytes() const { return plain_ ? doubles_.size() * sizeof(double) : parts_.memory_bytes(); }

  // As vectors are: no NaN is equal to another.
  friend bool operator==(const PackedNumbers& a, const PackedNumbers& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  // A byte is enough for it: most columns that lack values have few of them.
  static constexpr int32_t kNoNumber = std::numeric_limits<int8_t>::min();
  static constexpr int32_t kUnfit = std::numeric_limits<int32_t>::min();
  static constexpr double kMostParts = 2147483647.0;
  static constexpr double kMostDivisor = 1e6;

  // kUnfit: the value is none of such parts.
  int32_t PartOf(double value) const;
  // Of smaller parts, or doubles.
  void MakeRoomFor(double value);
  void BecomePlain();

  bool plain_ = false;
  size_t reserved_ = 0;
  double divisor_ = 1.0;
  PackedInts parts_;
  std::vector<double> doubles_;
};

}  // namespace roicast
