// A client of TLS whose bytes a test carries to the server and back as it likes.
#pragma once

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/transport/tls/openssl_ptr.h"

namespace roicast::testing {

using UniqueSession = std::unique_ptr<SSL_SESSION, OpenSslFree<SSL_SESSION_free>>;

// Trusts everybody.
class TlsClient {
 public:
  struct Options {
    // What it asks for (ALPN), as TLS writes it; empty: nothing.
    std::string protocols = "\x08http/1.1";
    // 0: any.
    int max_version = 0;
    // To go on with.
    SSL_SESSION* session = nullptr;
  };

  TlsClient() : TlsClient(Options()) {}
  explicit TlsClient(const Options& options) : context_(SSL_CTX_new(TLS_client_method())) {
    // Old versions are refused by the server, and not by this client.
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    if (options.max_version != 0) SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (!options.protocols.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.protocols.data()),
                          static_cast<unsigned int>(options.protocols.size()));
    }
    if (options.session != nullptr) SSL_set_session(ssl_.get(), options.session);
    SSL_set_connect_state(ssl_.get());
  }

  SSL* ssl() const { return ssl_.get(); }
  // Takes what came, and goes on with whatever it can do: the handshake, or reading.
  void Take(absl::string_view bytes) {
    if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    ERR_clear_error();
    if (!SSL_is_init_finished(ssl_.get()) && !Check(SSL_do_handshake(ssl_.get()))) return;
    char buffer[16384];
    int count = 0;
    while ((count = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0) read_.append(buffer, static_cast<size_t>(count));
    Check(count);
  }
  // What is to be carried to the server.
  std::string Give() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &bytes);
    std::string given(bytes, static_cast<size_t>(size));
    BIO_reset(SSL_get_wbio(ssl_.get()));
    return given;
  }
  void Write(absl::string_view bytes) {
    EXPECT_EQ(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())), static_cast<int>(bytes.size()));
  }
  // What came since it was asked last.
  std::string Read() { return std::exchange(read_, {}); }
  void End() { SSL_shutdown(ssl_.get()); }

  bool open() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  // The server has said that it writes no more.
  bool ended() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  // Why it gave up, such as "tlsv1 alert no application protocol"; empty: it did not.
  const std::string& error() const { return error_; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }
  std::string subject() const {
    const UniqueX509 certificate(SSL_get1_peer_certificate(ssl_.get()));
    char text[256] = {};
    if (certificate == nullptr) return "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, text, sizeof text);
    return text;
  }
  UniqueSession session() const { return UniqueSession(SSL_get1_session(ssl_.get())); }

 private:
  bool Check(int outcome) {
    if (outcome > 0 || SSL_get_error(ssl_.get(), outcome) != SSL_ERROR_SSL) return outcome > 0;
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    error_ = reason == nullptr ? "unknown" : reason;
    return false;
  }

  const UniqueSslContext context_;
  UniqueSsl ssl_;
  std::string read_;
  std::string error_;
};

}  // namespace roicast::testing
