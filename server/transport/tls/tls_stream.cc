#include "server/transport/tls/tls_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/check.h"
#include "server/transport/connection/read_size.h"

namespace roicast {
namespace {

// Unlike the time of day, it does not go on while other threads have the core.
std::chrono::nanoseconds ThreadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

bool TlsBuffers::MayShakeHands() {
  if (std::exchange(turn_, loop_.now()) != turn_) {
    spent_ = {};
    return true;
  }
  return spent_ < handshake_time_;
}

BIO_METHOD* TlsStream::Method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "roicast buffers");
    ROICAST_CHECK(made != nullptr);
    BIO_meth_set_read(made, TakeRead);
    BIO_meth_set_write(made, GiveWritten);
    BIO_meth_set_ctrl(made, Control);
    return made;
  }();
  return method;
}

int TlsStream::TakeRead(BIO* bio, char* to, int size) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.arrived_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t count = std::min(static_cast<size_t>(size), self.arrived_.size());
  std::memcpy(to, self.arrived_.data(), count);
  self.arrived_.remove_prefix(count);
  return static_cast<int>(count);
}

int TlsStream::GiveWritten(BIO* bio, const char* bytes, int size) {
  static_cast<TlsStream*>(BIO_get_data(bio))->buffers_.write_.append(bytes, static_cast<size_t>(size));
  return size;
}

// KeyUpdate, each of which makes the server compute new keys and answer; ClientHello for another handshake, which is
// refused; and alerts.
void TlsStream::OnMessage(int written, int, int type, const void*, size_t, SSL*, void* self) {
  auto& stream = *static_cast<TlsStream*>(self);
  const bool counts = type == SSL3_RT_HANDSHAKE || type == SSL3_RT_ALERT;
  if (written == 0 && counts && stream.open_) stream.CountMessage();
}

void TlsStream::CountMessage() {
  if (messages_.Take(buffers_.max_messages_, buffers_.loop_.now())) return;
  flooded_ = true;
  // So OpenSSL finds no more of them.
  arrived_ = {};
}

long TlsStream::Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

void TlsStream::Begin() {
  ssl_ = context_->Accept(protocols_);
  context_.reset();
  BIO* const bio = BIO_new(Method());
  ROICAST_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  // Takes the one reference that there is, for both directions.
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_msg_callback(ssl_.get(), OnMessage);
  SSL_set_msg_callback_arg(ssl_.get(), this);
  metrics_.tls_connections.fetch_add(1, std::memory_order_relaxed);
}

void TlsStream::End() {
  if (ssl_ == nullptr) return;
  ssl_.reset();
  metrics_.tls_connections.fetch_sub(1, std::memory_order_relaxed);
}

ByteStream::Received TlsStream::Read(char* to, size_t most) {
  const bool shaking = !open_ && !over_;
  // The socket stays ready: the next turn of the loop comes back to it.
  if (shaking && !buffers_.MayShakeHands()) return {};
  Received received = socket_.Read(buffers_.read_.get(), std::min(most, TlsBuffers::kReadBytes));
  arrived_ = {buffers_.read_.get(), std::exchange(received.size, 0)};
  if (arrived_.empty() || over_) return received;
  received.ended_another = edge_.Take(arrived_);
  received.torn = edge_.inside();
  if (shaking) {
    const std::chrono::nanoseconds begin = ThreadTime();
    GoOn({to, most + kReadSlack}, received);
    buffers_.ShookHands(ThreadTime() - begin);
  } else {
    DecryptAndMeasure({to, most + kReadSlack}, received);
  }
  arrived_ = {};
  if (received.input == Input::kRefused) {
    over_ = true;
    End();
  }
  if (!SendWritten()) received.input = Input::kBroken;
  return received;
}

void TlsStream::GoOn(absl::Span<char> to, Received& received) {
  if (ssl_ == nullptr) Begin();
  ERR_clear_error();
  if (!ShakeHands()) received.input = Input::kRefused;
  if (open_) Decrypt(to, received);
}

void TlsStream::DecryptAndMeasure(absl::Span<char> to, Received& received) {
  received.taken = arrived_.size();
  ERR_clear_error();
  if (ReadSize::IsSmall(received.taken)) {
    Decrypt(to, received);
    return;
  }
  const EventLoop::Clock::time_point begin = EventLoop::Clock::now();
  Decrypt(to, received);
  received.took = EventLoop::Clock::now() - begin;
}

bool TlsStream::ShakeHands() {
  const int outcome = SSL_do_handshake(ssl_.get());
  if (outcome != 1) return SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_WANT_READ;
  open_ = true;
  metrics_.handshakes.fetch_add(1, std::memory_order_relaxed);
  if (SSL_session_reused(ssl_.get()) == 1) metrics_.resumed_handshakes.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void TlsStream::Decrypt(absl::Span<char> to, Received& received) {
  while (true) {
    // What is decrypted is less than what was read now, and one record that had come in part.
    ROICAST_CHECK(received.size < to.size());
    size_t count = 0;
    const int outcome = SSL_read_ex(ssl_.get(), to.data() + received.size, to.size() - received.size, &count);
    received.size += count;
    if (outcome == 1) continue;
    switch (SSL_get_error(ssl_.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
        if (flooded_) {
          received.input = Input::kRefused;
          received.cut = Cut::kFloodKeyUpdate;
        }
        return;
      case SSL_ERROR_ZERO_RETURN:
        received.input = Input::kEnded;
        return;
      default:
        received.input = Input::kRefused;
        return;
    }
  }
}

bool TlsStream::Write(absl::string_view bytes) {
  if (ssl_ == nullptr) return false;
  ERR_clear_error();
  size_t count = 0;
  if (!bytes.empty() && SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count) != 1) return false;
  return SendWritten();
}

bool TlsStream::SendWritten() {
  if (buffers_.write_.empty()) return true;
  const bool sent = socket_.Write(buffers_.write_);
  buffers_.write_.clear();
  return sent;
}

bool TlsStream::EndWriting() {
  if (open_ && !over_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    if (!SendWritten()) return false;
  }
  over_ = true;
  return socket_.EndWriting();
}

}  // namespace roicast
