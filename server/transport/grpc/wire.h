// How gRPC writes things in HTTP/2 headers (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// The value of grpc-timeout: up to eight digits and a unit (H, M, S, m, u, n). Empty: it is not one.
std::optional<std::chrono::nanoseconds> ParseTimeout(absl::string_view text);

// The value of grpc-message: bytes other than printable ASCII, and %, as %XX.
std::string PercentEncode(absl::string_view text);

// Message and details travel in headers, and transports refuse headers over 8 KiB, of which a character of the message
// may take three bytes. So the message is cut: it quotes what clients sent, and a name of 100 kB would otherwise hide
// its own error.
inline constexpr size_t kMaxStatusMessageBytes = 2000;
// The details repeat the message.
inline constexpr size_t kMaxMessageBytesWithDetails = 1000;

// A status as it travels.
struct StatusHeaders {
  // grpc-status: a literal, "0" to "16".
  absl::string_view code = "0";
  // grpc-message, encoded; empty: there is none.
  std::string message;
  // grpc-status-details-bin, in base64: a google.rpc.Status with the payloads of the status; empty: it has none.
  std::string details;
};
// kOneLine: the message as OneLine shows it. kAsItIs: whatever its characters; only its length is limited.
enum class MessageText { kOneLine, kAsItIs };
StatusHeaders ToHeaders(const absl::Status& status, MessageText text = MessageText::kOneLine);

// Whether a list such as "identity, gzip" has the word.
bool ListHas(absl::string_view list, absl::string_view word);

}  // namespace roicast
