#include "base/model_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

constexpr size_t kMaxBytes = 64;

bool IsAllowed(unsigned char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '-'; }

}  // namespace

bool IsModelName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxBytes && absl::ascii_islower(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), IsAllowed);
}

absl::Status ValidateModelName(absl::string_view name, absl::string_view field) {
  if (IsModelName(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": expected ", kModelNameRule, ", got \"",
                                                 absl::CHexEscape(name.substr(0, kMaxBytes)), "\"",
                                                 name.size() > kMaxBytes ? " …" : ""));
}

}  // namespace roicast
