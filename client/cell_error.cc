#include "client/cell_error.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace roicast::client {

absl::string_view ExpectedTime(absl::string_view text, absl::string_view form) {
  constexpr absl::string_view kShape = "dddd-dd-dd";
  bool shaped = text.size() >= kShape.size();
  for (size_t i = 0; shaped && i < kShape.size(); ++i) {
    shaped = kShape[i] == 'd' ? absl::ascii_isdigit(static_cast<unsigned char>(text[i])) : text[i] == kShape[i];
  }
  return shaped ? "a time that exists, of the years 1900 to 2199" : form;
}

absl::Status CellError(absl::string_view where, v1::FeatureKind kind, absl::string_view cell) {
  const absl::string_view expected =
      kind == v1::FEATURE_KIND_TIME ? ExpectedTime(cell, "a time such as 2025-03-01T12:00:00Z") : "a number";
  return absl::InvalidArgumentError(absl::StrCat(where, ": expected ", expected, ", got \"", Excerpt(cell), "\""));
}

std::string Excerpt(absl::string_view text) {
  constexpr size_t kLongest = 40;
  if (text.size() <= kLongest) return std::string(text);
  size_t kept = kLongest;
  // Not in the middle of a character: bytes 10xxxxxx continue one.
  while (kept > 0 && (static_cast<unsigned char>(text[kept]) & 0xC0) == 0x80) --kept;
  return absl::StrCat(text.substr(0, kept), "…");
}

}  // namespace roicast::client
