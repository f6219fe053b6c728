#include "server/store/model_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace roicast {

absl::Status ValidateModelName(absl::string_view name) {
  const bool allowed = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '_' || c == '-';
  });
  if (!name.empty() && name.size() <= 64 && allowed && absl::ascii_islower(static_cast<unsigned char>(name[0]))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("model: expected 1 to 64 of a-z, 0-9, _ and -, starting with a letter, got \"",
                   absl::CHexEscape(name.substr(0, 64)), "\"", name.size() > 64 ? " …" : ""));
}

}  // namespace roicast
