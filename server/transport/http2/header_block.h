// The headers of a request, in memory that is used again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

// Names are lowercase, as HTTP/2 sends them; pseudo-headers keep their colon. Not thread-safe.
class HeaderBlock {
 public:
  struct Field {
    absl::string_view name;
    absl::string_view value;
  };

  void Add(absl::string_view name, absl::string_view value) {
    const size_t size = name.size() + value.size();
    if (used_ + size > bytes_.size()) bytes_.resize(std::max(2 * bytes_.size(), used_ + size + kFirstBytes));
    // Unlike memcpy, these may be given nothing at all.
    std::copy(name.begin(), name.end(), bytes_.data() + used_);
    std::copy(value.begin(), value.end(), bytes_.data() + used_ + name.size());
    fields_.push_back(
        {static_cast<uint32_t>(used_), static_cast<uint32_t>(name.size()), static_cast<uint32_t>(value.size())});
    used_ += size;
  }
  void Clear() {
    used_ = 0;
    fields_.clear();
  }

  size_t size() const { return fields_.size(); }
  // As HTTP/2 counts them: 32 more for each field (RFC 9113, section 6.5.2).
  size_t bytes() const { return used_ + 32 * fields_.size(); }
  // As it takes them.
  size_t memory() const { return bytes_.capacity() + fields_.capacity() * sizeof(Place); }
  Field operator[](size_t i) const {
    const Place& place = fields_[i];
    const char* const at = bytes_.data() + place.offset;
    return {absl::string_view(at, place.name_size), absl::string_view(at + place.name_size, place.value_size)};
  }
  // The first of that name; empty if there is none.
  absl::string_view Find(absl::string_view name) const {
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].name_size != name.size()) continue;
      if (const Field field = (*this)[i]; field.name == name) return field.value;
    }
    return {};
  }

 private:
  struct Place {
    uint32_t offset;
    uint32_t name_size;
    uint32_t value_size;
  };
  static constexpr size_t kFirstBytes = 512;
  // Room for the bytes, of which used_ count.
  std::vector<char> bytes_;
  size_t used_ = 0;
  std::vector<Place> fields_;
};

}  // namespace roicast
