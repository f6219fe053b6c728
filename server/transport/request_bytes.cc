#include "server/transport/request_bytes.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace roicast {

absl::Status RequestBytes::Share(grpc::ByteBuffer& bytes) {
  Clear();
  if (!bytes.Valid()) return absl::OkStatus();
  if (const grpc::Status dumped = bytes.Dump(&pieces_); !dumped.ok()) {
    Clear();
    return absl::InternalError(absl::StrCat("the request's bytes cannot be read: ", dumped.error_message()));
  }
  size_t end = 0;
  for (const grpc::Slice& piece : pieces_) ends_.push_back(end += piece.size());
  return absl::OkStatus();
}

void RequestBytes::Clear() {
  pieces_.clear();
  ends_.clear();
}

void RequestBytes::Copy(size_t begin, size_t count, void* to) const {
  ROICAST_CHECK(begin <= size() && count <= size() - begin);
  uint8_t* out = static_cast<uint8_t*>(to);
  auto piece = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), begin) - ends_.begin());
  while (count > 0) {
    const size_t offset = begin - (ends_[piece] - pieces_[piece].size());
    const size_t part = std::min(count, pieces_[piece].size() - offset);
    std::memcpy(out, pieces_[piece].begin() + offset, part);
    out += part;
    begin += part;
    count -= part;
    ++piece;
  }
}

}  // namespace roicast
