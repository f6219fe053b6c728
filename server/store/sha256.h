// SHA-256 of a stream. FIPS 180-4.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace roicast {

// Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(absl::string_view bytes);
  // 64 lower-case hexadecimal digits. Call once; nothing may follow.
  std::string HexDigest();

  static std::string Of(absl::string_view bytes);

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace roicast
