#include "base/one_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/utf8.h"

namespace roicast {

std::string OneLine(absl::string_view text, size_t max_bytes) {
  ROICAST_CHECK(max_bytes >= 40);
  std::string line;
  if (text.size() <= max_bytes) {
    line = std::string(text);
  } else {
    // Leaves room for the suffix, whatever the number.
    const absl::string_view kept = Utf8Start(text, max_bytes - 36);
    line = absl::StrCat(kept, "… (", text.size() - kept.size(), " bytes more)");
  }
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return line;
}

}  // namespace roicast
