// The bytes of a request where the transport left them: in pieces of a few kilobytes. Large arrays are copied out of
// them part by part, by the thread that is about to use the part, and never as a whole.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <vector>

#include "absl/status/status.h"

namespace roicast {

// Immutable between calls of Share and Clear, and then safe to read from several threads.
class RequestBytes {
 public:
  // Shares the memory of `bytes` and keeps it alive. Errors: Internal.
  absl::Status Share(grpc::ByteBuffer& bytes);
  void Clear();

  size_t size() const { return ends_.empty() ? 0 : ends_.back(); }

  // Copies [begin, begin + count), which has to lie inside, to `to`.
  void Copy(size_t begin, size_t count, void* to) const;

 private:
  std::vector<grpc::Slice> pieces_;
  // For each piece, the offset behind its last byte.
  std::vector<size_t> ends_;
};

}  // namespace roicast
