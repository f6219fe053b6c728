// Reads from a connection that a test has made.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <string>

namespace roicast::testing {

// Up to `size` bytes; fewer: the other side has closed the connection. Fails the test if nothing comes for as long as
// the socket waits (SO_RCVTIMEO).
inline std::string ReadSocket(int socket, size_t size) {
  std::string bytes(size, '\0');
  size_t got = 0;
  while (got < size) {
    const ssize_t count = ::recv(socket, &bytes[got], size - got, 0);
    EXPECT_FALSE(count < 0 && errno == EAGAIN) << "the server says nothing, and does not close the connection";
    if (count <= 0) break;
    got += static_cast<size_t>(count);
  }
  bytes.resize(got);
  return bytes;
}

}  // namespace roicast::testing
