#include "client/stream_chunks.h"

#include <cstddef>
#include <string>

namespace roicast::client {

void ForEachChunk(std::istream& in, absl::FunctionRef<bool(absl::string_view)> take) {
  std::string chunk(size_t{1} << 20, '\0');
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    if (in.gcount() == 0 || !take(absl::string_view(chunk.data(), static_cast<size_t>(in.gcount())))) return;
  }
}

}  // namespace roicast::client
