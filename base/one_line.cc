#include "base/one_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace roicast {

std::string OneLine(absl::string_view text, size_t max_bytes) {
  ROICAST_CHECK(max_bytes >= 40);
  std::string line;
  if (text.size() <= max_bytes) {
    line = std::string(text);
  } else {
    // Room for the words behind it, whatever the number.
    size_t kept = max_bytes - 36;
    // Not in the middle of a character: bytes 10xxxxxx continue one.
    while (kept > 0 && (static_cast<unsigned char>(text[kept]) & 0xC0) == 0x80) --kept;
    line = absl::StrCat(text.substr(0, kept), "… (", text.size() - kept, " bytes more)");
  }
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return line;
}

}  // namespace roicast
