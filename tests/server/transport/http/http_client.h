// A client of the HTTP port that says exactly what it is given.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace roicast::testing {

class RawConnection {
 public:
  // from: one of the loopback's addresses.
  explicit RawConnection(int port, uint32_t from = INADDR_LOOPBACK)
      : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in near{};
    near.sin_family = AF_INET;
    near.sin_addr.s_addr = htonl(from);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&near), sizeof near), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  RawConnection(RawConnection&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_) {}
  ~RawConnection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bool connected() const { return connected_; }

  void Write(absl::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      text.remove_prefix(static_cast<size_t>(count));
    }
  }
  // Says that nothing more will be sent.
  void EndWriting() { ::shutdown(descriptor_, SHUT_WR); }

  // Waits for the next bytes, whatever they are. Empty: the server has closed.
  std::string ReadNext() {
    if (read_.empty()) ReadSome();
    return std::exchange(read_, {});
  }
  // Everything until the server closes.
  std::string ReadAll() {
    while (ReadSome()) continue;
    return std::exchange(read_, {});
  }
  // Everything up to and including `end`; or until the server closes.
  std::string ReadUntil(const std::string& end) {
    size_t at = 0;
    while ((at = read_.find(end)) == std::string::npos && ReadSome()) continue;
    const size_t size = at == std::string::npos ? read_.size() : at + end.size();
    std::string taken = read_.substr(0, size);
    read_.erase(0, size);
    return taken;
  }
  // One answer with a Content-Length: its head and its body.
  std::string ReadAnswer() {
    std::string answer = ReadUntil("\r\n\r\n");
    size_t length = 0;
    if (const size_t at = answer.find("Content-Length: "); at != std::string::npos) {
      length = static_cast<size_t>(std::atoll(answer.c_str() + at + 16));
    }
    while (read_.size() < length && ReadSome()) continue;
    answer.append(read_, 0, length);
    read_.erase(0, length);
    return answer;
  }

 private:
  bool ReadSome() {
    char buffer[65536];
    const ssize_t got = ::read(descriptor_, buffer, sizeof buffer);
    if (got > 0) read_.append(buffer, static_cast<size_t>(got));
    return got > 0;
  }

  int descriptor_;
  bool connected_ = false;
  std::string read_;
};

// The body of an answer.
inline std::string BodyOf(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

// The first line of an answer without the version: "200 OK".
inline std::string StatusOf(const std::string& answer) {
  return answer.size() < 9 ? answer : answer.substr(9, answer.find("\r\n") - 9);
}

}  // namespace roicast::testing
