// A call as a client sends it, right or wrong.
#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

struct RawCall {
  std::vector<std::pair<std::string, std::string>> headers;
  // DATA frames; an empty one is sent, too.
  std::vector<std::string> parts;
  // Behind each part: a frame of another kind; '.': none.
  std::string between;
  // The client resets the stream in place of its end.
  bool resets = false;
  // It sends trailers.
  bool trailers = false;

  // What was done to a right call; for messages.
  std::string mutations;

  absl::string_view header(absl::string_view name) const;
  bool has(absl::string_view name) const;
  // All parts.
  std::string body() const;
};

// A call made of a right one by 0 to 3 mutations.
RawCall RandomCall(std::mt19937_64& random);

}  // namespace roicast
