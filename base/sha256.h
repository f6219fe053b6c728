// SHA-256 (FIPS 180-4): identifies artifacts, datasets and schemas.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace roicast {

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

// Hashes a stream. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(absl::string_view bytes);
  // Sha256Hex of all bytes so far. Call once, as the last call.
  std::string HexDigest();

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace roicast
