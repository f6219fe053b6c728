#include "base/sha256.h"

#include <openssl/evp.h>

#include "absl/strings/escaping.h"
#include "base/check.h"

namespace roicast {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  ROICAST_CHECK(context_ != nullptr);
  ROICAST_CHECK(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::Update(absl::string_view bytes) {
  ROICAST_CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::Digest() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  ROICAST_CHECK(EVP_DigestFinal_ex(context_, digest, &size) == 1);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string Sha256::HexDigest() { return absl::BytesToHexString(Digest()); }

std::string Sha256Bytes(absl::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes);
  return sha.Digest();
}

std::string Sha256Hex(absl::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes);
  return sha.HexDigest();
}

}  // namespace roicast
