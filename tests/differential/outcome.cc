#include "tests/differential/outcome.h"

#include "absl/strings/str_cat.h"
#include "server/transport/grpc/message_reader.h"

namespace roicast {
namespace {

constexpr MessageLimit kNoLimit = {size_t{1} << 24};
// How much of a message its text shows.
constexpr size_t kShown = 8;

std::vector<std::string> MessagesOf(absl::string_view body, bool gzip) {
  std::vector<std::string> messages;
  MessageReader reader;
  reader.Begin(kNoLimit, gzip);
  while (!body.empty()) {
    const auto complete = reader.Read(&body);
    if (!complete.ok() || !*complete) {
      messages.emplace_back(kTornMessage);
      break;
    }
    messages.push_back(reader.is_compressed() ? InflateGzip(reader.message(), kNoLimit).value_or("bad gzip")
                                              : reader.message());
  }
  return messages;
}

}  // namespace

std::string Outcome::ToString() const {
  std::string text = absl::StrCat("HTTP ", http_status, ", grpc-status ", grpc_status, ", reset ", reset,
                                  unanswered ? ", unanswered" : "", ", messages");
  for (const std::string& message : messages) {
    absl::StrAppend(&text, " ", message.size(), message.empty() ? "" : ":", message.substr(0, kShown));
  }
  return text;
}

void Answer::OnHeader(absl::string_view name, absl::string_view value) {
  if (name == ":status") outcome_.http_status = std::string(value);
  if (name == "grpc-status") outcome_.grpc_status = std::string(value);
  if (name == "grpc-encoding") gzip_ = value == "gzip";
}

void Answer::OnData(absl::string_view bytes) { body_.append(bytes.data(), bytes.size()); }

void Answer::OnReset(uint32_t error_code) {
  reset_ = true;
  if (!ended_) outcome_.reset = error_code;
}

Outcome Answer::Finish(bool unanswered) const {
  Outcome outcome = outcome_;
  outcome.unanswered = unanswered;
  outcome.messages = MessagesOf(body_, gzip_);
  return outcome;
}

}  // namespace roicast
