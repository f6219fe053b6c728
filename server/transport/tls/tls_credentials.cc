#include "server/transport/tls/tls_credentials.h"

#include <utility>

#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr absl::Duration kMaxTicketKeyAge = absl::Hours(24);

}  // namespace

absl::Status TlsCredentials::Load(absl::Time now) {
  ROICAST_ASSIGN_OR_RETURN(TlsCertificate read, TlsCertificate::Read(chain_file_, key_file_));
  auto certificate = std::make_shared<const TlsCertificate>(std::move(read));
  ROICAST_ASSIGN_OR_RETURN(auto context, TlsContext::Make(certificate));
  metrics_.certificate_expires.store(absl::ToUnixSeconds(certificate->expires()), std::memory_order_relaxed);
  absl::MutexLock lock(&mutex_);
  current_ = std::move(context);
  made_ = now;
  return absl::OkStatus();
}

void TlsCredentials::RenewTicketKeysIfDue(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (current_ == nullptr || now - made_ < kMaxTicketKeyAge) return;
  auto renewed = TlsContext::Make(current_->certificate());
  ROICAST_CHECK(renewed.ok());
  current_ = *std::move(renewed);
  made_ = now;
}

std::shared_ptr<const TlsContext> TlsCredentials::Current() const {
  absl::MutexLock lock(&mutex_);
  ROICAST_CHECK(current_ != nullptr);
  return current_;
}

}  // namespace roicast
