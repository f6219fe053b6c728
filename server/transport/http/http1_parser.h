// The requests in the bytes of an HTTP/1.1 connection (RFC 9112), by Boost.Beast's parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/transport/http2/header_block.h"

namespace roicast {

// Not thread-safe.
class Http1Parser {
 public:
  enum class Event {
    kNeedMore,  // All that can be parsed is parsed.
    kHeaders,   // The line and the headers are there.
    kBody,      // So is a part of the body.
    kEnd,       // The request is complete.
    kError,     // It is not HTTP, or too large; see error_status.
  };

  // As HttpLimits have them.
  Http1Parser(size_t max_header_bytes, size_t max_headers);
  ~Http1Parser();
  Http1Parser(const Http1Parser&) = delete;
  Http1Parser& operator=(const Http1Parser&) = delete;

  // For the next request.
  void Begin();

  // Removes from the front of `bytes` what it has parsed. What is left after kNeedMore has to come again, with more.
  Event Parse(absl::string_view* bytes);

  // After kHeaders.
  absl::string_view method() const;
  absl::string_view target() const;
  bool is_http11() const;
  // May be taken.
  HeaderBlock& headers();
  // As announced; 0: none, or chunked.
  uint64_t content_length() const;
  bool is_chunked() const;
  // As the client's version and its Connection header say.
  bool keeps_alive() const;

  // After kBody: valid as long as the bytes that were parsed.
  absl::string_view body() const;

  // After kError: 400 or 431, and why, on one line.
  int error_status() const;
  const std::string& error() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace roicast
