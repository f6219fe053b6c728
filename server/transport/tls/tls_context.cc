#include "server/transport/tls/tls_context.h"

#include <openssl/err.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace roicast {
namespace {

constexpr char kTls12Ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char kSessionContext[] = "roicast";
constexpr long kTicketSeconds = 7200;

int ChooseProtocol(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  const auto* const ours = static_cast<const absl::string_view*>(SSL_get_app_data(ssl));
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, chosen_size, reinterpret_cast<const unsigned char*>(ours->data()),
                                            static_cast<unsigned int>(ours->size()), offered, offered_size);
  // Otherwise it has found one that the client did not ask for.
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::Make(std::shared_ptr<const TlsCertificate> certificate) {
  std::shared_ptr<TlsContext> made(new TlsContext(std::move(certificate)));
  const TlsCertificate& pair = *made->certificate_;
  made->context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = made->context_.get();
  ROICAST_CHECK(context != nullptr);
  ROICAST_CHECK(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  ROICAST_CHECK(SSL_CTX_set_cipher_list(context, kTls12Ciphers) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections need no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ROICAST_CHECK(SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext) - 1) == 1);
  ROICAST_CHECK(SSL_CTX_set_num_tickets(context, 1) == 1);
  SSL_CTX_set_timeout(context, kTicketSeconds);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);

  ERR_clear_error();
  bool accepted = SSL_CTX_use_certificate(context, pair.leaf()) == 1;
  for (const UniqueX509& issuer : pair.issuers()) {
    accepted = accepted && SSL_CTX_add1_chain_cert(context, issuer.get()) == 1;
  }
  if (!accepted || SSL_CTX_use_PrivateKey(context, pair.key()) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls_certificate: the certificate of ", pair.subject(), " is not usable: ", TakeOpenSslError()));
  }
  return made;
}

UniqueSsl TlsContext::Accept(const absl::string_view* protocols) const {
  UniqueSsl ssl(SSL_new(context_.get()));
  ROICAST_CHECK(ssl != nullptr);
  SSL_set_app_data(ssl.get(), const_cast<absl::string_view*>(protocols));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace roicast
