#include "server/transport/connection/socket_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace roicast {

SocketStream::~SocketStream() {
  Keep({});
  close(fd_);
}

ByteStream::Received SocketStream::Read(char* to, size_t most) {
  const ssize_t count = recv(fd_, to, most, 0);
  if (count < 0) return {.input = errno == EAGAIN || errno == EINTR ? Input::kOpen : Input::kBroken};
  if (count == 0) return {.input = Input::kEnded};
  metrics_.bytes_received.fetch_add(count, std::memory_order_relaxed);
  return {.size = static_cast<size_t>(count)};
}

bool SocketStream::Send(absl::string_view* bytes) {
  while (!bytes->empty()) {
    const ssize_t count = send(fd_, bytes->data(), bytes->size(), MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return false;
      metrics_.write_stalls.fetch_add(1, std::memory_order_relaxed);
      return true;
    }
    metrics_.bytes_sent.fetch_add(count, std::memory_order_relaxed);
    bytes->remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void SocketStream::Keep(std::string bytes) {
  if (bytes.size() != unsent_.size()) {
    metrics_.bytes_held.fetch_add(static_cast<int64_t>(bytes.size()) - static_cast<int64_t>(unsent_.size()),
                                  std::memory_order_relaxed);
  }
  unsent_ = std::move(bytes);
}

bool SocketStream::Write(absl::string_view bytes) {
  if (!unsent_.empty()) {
    Keep(absl::StrCat(unsent_, bytes));
    return true;
  }
  if (!Send(&bytes)) return false;
  if (!bytes.empty()) Keep(std::string(bytes));
  return true;
}

bool SocketStream::Flush() {
  absl::string_view left = unsent_;
  if (!Send(&left)) return false;
  Keep(std::string(left));
  return true;
}

bool SocketStream::EndWriting() { return shutdown(fd_, SHUT_WR) == 0; }

}  // namespace roicast
