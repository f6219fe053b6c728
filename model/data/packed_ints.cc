#include "model/data/packed_ints.h"

namespace roicast {

void PackedInts::reserve(size_t size) {
  reserved_ = size;
  if (width_ == 1) {
    bytes_.reserve(size);
  } else if (width_ == 2) {
    shorts_.reserve(size);
  } else {
    words_.reserve(size);
  }
}

void PackedInts::Widen(int32_t value) {
  const int to = value == static_cast<int16_t>(value) ? 2 : 4;
  const size_t room = std::max(reserved_, size());
  if (to == 2) {
    shorts_.reserve(room);
    shorts_.assign(bytes_.begin(), bytes_.end());
  } else {
    words_.reserve(room);
    if (width_ == 1) {
      words_.assign(bytes_.begin(), bytes_.end());
    } else {
      words_.assign(shorts_.begin(), shorts_.end());
    }
    shorts_ = {};
  }
  bytes_ = {};
  width_ = to;
}

void PackedInts::set(size_t i, int32_t value) {
  if (!Fits(value)) Widen(value);
  if (width_ == 1) {
    bytes_[i] = static_cast<int8_t>(value);
  } else if (width_ == 2) {
    shorts_[i] = static_cast<int16_t>(value);
  } else {
    words_[i] = value;
  }
}

void PackedInts::assign(size_t size, int32_t value) {
  clear();
  if (!Fits(value)) Widen(value);
  if (width_ == 1) {
    bytes_.assign(size, static_cast<int8_t>(value));
  } else if (width_ == 2) {
    shorts_.assign(size, static_cast<int16_t>(value));
  } else {
    words_.assign(size, value);
  }
}

PackedInts PackedInts::Select(absl::Span<const int64_t> rows) const {
  const auto select = [rows](const auto& from, auto& to) {
    to.reserve(rows.size());
    for (const int64_t row : rows) to.push_back(from[static_cast<size_t>(row)]);
  };
  PackedInts selected;
  selected.width_ = width_;
  if (width_ == 1) {
    select(bytes_, selected.bytes_);
  } else if (width_ == 2) {
    select(shorts_, selected.shorts_);
  } else {
    select(words_, selected.words_);
  }
  return selected;
}

}  // namespace roicast
