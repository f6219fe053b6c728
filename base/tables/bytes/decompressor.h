// Expands gzip (RFC 1952) and Zstandard (RFC 8878) while it is read; anything else is passed through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"

namespace roicast {

// What the first four bytes of a file say.
Compression CompressionOf(absl::string_view start);

// Memory is bounded by the window of the compression (at most 128 MiB for Zstandard, 64 KiB else), not by what the
// bytes expand to. Not thread-safe.
class Decompressor {
 public:
  // Receives the expanded bytes in pieces of at most 64 KiB (what is not compressed: as it was fed). A status other
  // than OK stops and is returned from Feed or Finish.
  using Sink = std::function<absl::Status(absl::string_view)>;

  explicit Decompressor(Sink sink);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // The next bytes, split at any position. Errors: INVALID_ARGUMENT for damaged data, with the position in the file.
  absl::Status Feed(absl::string_view bytes);
  // Ends the input. Errors: those of Feed; INVALID_ARGUMENT for an archive that is not complete.
  absl::Status Finish();

  // As it is now: of Zstandard, the window is among it from the first bytes on that Feed hands to the sink.
  size_t memory_bytes() const;

  // Valid after four bytes, or Finish.
  Compression compression() const { return compression_; }

 private:
  class Stream;
  class GzipStream;
  class ZstdStream;

  absl::Status Begin();

  const Sink sink_;
  std::string start_;
  bool begun_ = false;
  Compression compression_ = Compression::kNone;
  std::unique_ptr<Stream> stream_;
};

}  // namespace roicast
