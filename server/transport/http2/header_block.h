// The headers of a request, in memory that is used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
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
    fields_.push_back({static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(name.size()),
                       static_cast<uint32_t>(value.size())});
    bytes_.append(name.data(), name.size());
    bytes_.append(value.data(), value.size());
  }
  void Clear() {
    bytes_.clear();
    fields_.clear();
  }

  size_t size() const { return fields_.size(); }
  // As HTTP/2 counts them: 32 more for each field (RFC 9113, section 6.5.2).
  size_t bytes() const { return bytes_.size() + 32 * fields_.size(); }
  // As it takes them.
  size_t memory() const { return bytes_.capacity() + fields_.capacity() * sizeof(Place); }
  Field operator[](size_t i) const {
    const Place& place = fields_[i];
    const absl::string_view all = bytes_;
    return {all.substr(place.offset, place.name_size), all.substr(place.offset + place.name_size, place.value_size)};
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
  std::string bytes_;
  std::vector<Place> fields_;
};

}  // namespace roicast
