#include "server/transport/grpc/wire.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/one_line.h"
#include "base/utf8.h"
#include "google/rpc/status.pb.h"

namespace roicast {
namespace {

constexpr absl::string_view kCodes[] = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                        "9", "10", "11", "12", "13", "14", "15", "16"};

absl::string_view CodeText(int code) { return code >= 0 && code <= 16 ? kCodes[code] : kCodes[2]; }

std::string Shorten(absl::string_view message, size_t max_bytes, MessageText text) {
  return text == MessageText::kAsItIs ? std::string(Utf8Start(message, max_bytes)) : OneLine(message, max_bytes);
}

}  // namespace

std::optional<std::chrono::nanoseconds> ParseTimeout(absl::string_view text) {
  constexpr size_t kMaxDigits = 8;
  if (text.size() < 2 || text.size() > kMaxDigits + 1) return std::nullopt;
  int64_t value = 0;
  for (const char digit : text.substr(0, text.size() - 1)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  switch (text.back()) {
    case 'H':
      // 99,999,999 hours do not fit into nanoseconds, and nobody waits for a year.
      return value > 8760 ? std::chrono::nanoseconds(std::chrono::hours(8760))
                          : std::chrono::nanoseconds(std::chrono::hours(value));
    case 'M':
      return std::chrono::minutes(value);
    case 'S':
      return std::chrono::seconds(value);
    case 'm':
      return std::chrono::milliseconds(value);
    case 'u':
      return std::chrono::microseconds(value);
    case 'n':
      return std::chrono::nanoseconds(value);
    default:
      return std::nullopt;
  }
}

std::string PercentEncode(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte <= 0x7e && byte != '%') {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kHex[byte >> 4]);
      encoded.push_back(kHex[byte & 0xf]);
    }
  }
  return encoded;
}

StatusHeaders ToHeaders(const absl::Status& status, MessageText text) {
  StatusHeaders headers;
  if (status.ok()) return headers;
  headers.code = CodeText(status.raw_code());
  google::rpc::Status details;
  status.ForEachPayload([&details](absl::string_view url, const absl::Cord& payload) {
    google::protobuf::Any& detail = *details.add_details();
    detail.set_type_url(std::string(url));
    detail.set_value(std::string(payload));
  });
  if (details.details().empty()) {
    headers.message = PercentEncode(Shorten(status.message(), kMaxStatusMessageBytes, text));
    return headers;
  }
  details.set_code(status.raw_code());
  details.set_message(Shorten(status.message(), kMaxMessageBytesWithDetails, text));
  headers.message = PercentEncode(details.message());
  // Without padding, as the protocol wants it.
  headers.details = absl::Base64Escape(details.SerializeAsString());
  while (absl::EndsWith(headers.details, "=")) headers.details.pop_back();
  return headers;
}

bool ListHas(absl::string_view list, absl::string_view word) {
  for (const absl::string_view part : absl::StrSplit(list, ',')) {
    if (absl::StripAsciiWhitespace(part) == word) return true;
  }
  return false;
}

}  // namespace roicast
