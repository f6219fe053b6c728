// Pages of the List methods, as AIP-158 has them: the client proposes a size, and passes the token of the last page on
// to the next.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/one_line.h"

namespace roicast {

inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1000;

// The size of the page to send: the default if the client proposes none (0), the largest if it proposes more.
// InvalidArgument: a negative one.
inline absl::StatusOr<int> PageSize(int32_t proposed, int default_size = kDefaultPageSize) {
  if (proposed < 0) return absl::InvalidArgumentError(absl::StrCat("page_size: expected ≥ 0, got ", proposed));
  return proposed == 0 ? default_size : std::min(proposed, kMaxPageSize);
}

inline absl::Status PageTokenExpected(absl::string_view got) {
  return absl::InvalidArgumentError(
      absl::StrCat("page_token: expected the next_page_token of the last response, got \"", OneLine(got, 100), "\""));
}

// Tokens of lists that are numbered from the newest down: the number of the last entry of the page before. 0: the first
// page, for which the token is empty. InvalidArgument: a token that no list gives, such as "007".
inline absl::StatusOr<int64_t> NumberOfPageToken(absl::string_view token) {
  int64_t number = 0;
  if (token.empty()) return number;
  if (!absl::SimpleAtoi(token, &number) || number < 1 || absl::StrCat(number) != token) return PageTokenExpected(token);
  return number;
}

// Counts the bytes of a page as it is filled, so that it ends before it has more than clients of gRPC receive by
// default. The next page begins with the entry that it has no room for.
class PageRoom {
 public:
  // Whether the page takes one more entry of so many bytes. It takes one at least.
  bool Take(size_t bytes) {
    const bool first = bytes_ == 0;
    bytes_ += bytes + kFrame;
    return first || bytes_ <= kMaxPageBytes;
  }

 private:
  static constexpr size_t kMaxPageBytes = (size_t{4} << 20) - (size_t{64} << 10);
  // Of the message around an entry.
  static constexpr size_t kFrame = 6;
  size_t bytes_ = 0;
};

// Fills a page with what `message_of` makes of the entries of a list, each a StatusOr<Message>, until it has page_size
// of them or no room. `entries` has one more than the page holds if there are more. True: there is a next page. Errors:
// those of message_of.
template <typename Entry, typename MessageOf, typename Message>
absl::StatusOr<bool> FillPage(std::vector<Entry>& entries, int page_size, const MessageOf& message_of,
                              google::protobuf::RepeatedPtrField<Message>* page) {
  const size_t size = std::min(entries.size(), static_cast<size_t>(page_size));
  PageRoom room;
  for (size_t i = 0; i < size; ++i) {
    absl::StatusOr<Message> message = message_of(entries[i]);
    if (!message.ok()) return message.status();
    if (!room.Take(message->ByteSizeLong())) return true;
    *page->Add() = *std::move(message);
  }
  return entries.size() > size;
}

}  // namespace roicast
