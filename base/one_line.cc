#include "base/one_line.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/printable.h"
#include "base/utf8.h"

namespace roicast {

std::string OneLine(absl::string_view text, size_t max_bytes) {
  ROICAST_CHECK(max_bytes >= 40);
  const absl::string_view start = Utf8Start(text, max_bytes);
  const std::string line = Printable(start);
  if (start.size() == text.size() && line.size() <= max_bytes) return line;
  // Leaves room for the suffix, whatever the number.
  const absl::string_view kept = Utf8Start(line, max_bytes - 36);
  return absl::StrCat(kept, "… (", text.size() - start.size() + line.size() - kept.size(), " bytes more)");
}

}  // namespace roicast
