// SHA-256 (FIPS 180-4): identifies artifacts, datasets and schemas.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace roicast {

// 32 bytes.
std::string Sha256Bytes(absl::string_view bytes);
// The same as 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

// Hashes a stream. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(absl::string_view bytes);
  // Of all bytes so far: 32 bytes, or their 64 hexadecimal digits. Call one of them, once, as the last call.
  std::string Digest();
  std::string HexDigest();

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace roicast
