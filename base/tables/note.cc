#include "base/tables/note.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace roicast {

std::string ShellWord(absl::string_view text) {
  const auto plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("_-./=:,+@%", c);
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", R"('\'')"}}), "'");
}

std::string ColumnFlag(absl::string_view flag, absl::string_view column, absl::string_view value) {
  return absl::StrCat(flag, " ", ShellWord(column.empty() ? std::string(value) : absl::StrCat(column, "=", value)));
}

}  // namespace roicast
