// Owners of OpenSSL's objects.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

#include "absl/strings/string_view.h"

namespace roicast {

template <auto Free>
struct OpenSslFree {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using UniqueBio = std::unique_ptr<BIO, OpenSslFree<BIO_free>>;
using UniqueKey = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using UniqueX509 = std::unique_ptr<X509, OpenSslFree<X509_free>>;
using UniqueSsl = std::unique_ptr<SSL, OpenSslFree<SSL_free>>;
using UniqueSslContext = std::unique_ptr<SSL_CTX, OpenSslFree<SSL_CTX_free>>;

// What OpenSSL says of the error that this thread had last, such as "no start line". Forgets it and those before.
absl::string_view TakeOpenSslError();

}  // namespace roicast
