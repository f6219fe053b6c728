#include "model/data/packed_numbers.h"

#include <cmath>

namespace roicast {
namespace {

// How many parts there are in a value; not exact if it is no such number.
double PartsIn(double value, double divisor) { return std::nearbyint(value * divisor); }

}  // namespace

int32_t PackedNumbers::PartOf(double value) const {
  if (std::isnan(value)) return kNoNumber;
  const double parts = PartsIn(value, divisor_);
  // −0 is a value of its own, and −128 means that there is none.
  const bool fits = std::abs(parts) <= kMostParts && parts != static_cast<double>(kNoNumber) &&
                    parts / divisor_ == value && std::signbit(parts / divisor_ + 0.0) == std::signbit(value);
  return fits ? static_cast<int32_t>(parts) : kUnfit;
}

void PackedNumbers::MakeRoomFor(double value) {
  for (double divisor = divisor_ * 10.0; divisor <= kMostDivisor; divisor *= 10.0) {
    PackedNumbers smaller;
    smaller.divisor_ = divisor;
    if (smaller.PartOf(value) == kUnfit) continue;
    // What was there must fit, too; a part that is a value may become the one that means none.
    smaller.reserve(std::max(reserved_, size()));
    bool all = true;
    for (size_t i = 0; i < size() && all; ++i) {
      const int32_t part = smaller.PartOf((*this)[i]);
      all = part != kUnfit;
      if (all) smaller.parts_.push_back(part);
    }
    if (!all) continue;
    *this = std::move(smaller);
    return;
  }
  BecomePlain();
}

void PackedNumbers::BecomePlain() {
  std::vector<double> doubles;
  doubles.reserve(std::max(reserved_, size()));
  doubles.insert(doubles.end(), begin(), end());
  const size_t reserved = reserved_;
  *this = PackedNumbers();
  reserved_ = reserved;
  plain_ = true;
  doubles_ = std::move(doubles);
}

void PackedNumbers::reserve(size_t size) {
  reserved_ = size;
  if (plain_) {
    doubles_.reserve(size);
  } else {
    parts_.reserve(size);
  }
}

void PackedNumbers::set(size_t i, double value) {
  while (!plain_) {
    const int32_t part = PartOf(value);
    if (part != kUnfit) return parts_.set(i, part);
    MakeRoomFor(value);
  }
  doubles_[i] = value;
}

void PackedNumbers::assign(size_t size, double value) {
  clear();
  while (!plain_) {
    const int32_t part = PartOf(value);
    if (part != kUnfit) return parts_.assign(size, part);
    MakeRoomFor(value);
  }
  doubles_.assign(size, value);
}

PackedNumbers PackedNumbers::Select(absl::Span<const int64_t> rows) const {
  PackedNumbers selected;
  selected.plain_ = plain_;
  selected.divisor_ = divisor_;
  if (!plain_) {
    selected.parts_ = parts_.Select(rows);
    return selected;
  }
  selected.doubles_.reserve(rows.size());
  for (const int64_t row : rows) selected.doubles_.push_back(doubles_[static_cast<size_t>(row)]);
  return selected;
}

}  // namespace roicast
