#include "client/cli/decisions/caveat_view.h"

#include "absl/strings/str_cat.h"
#include "base/printable.h"
#include "client/cli/display_width.h"

namespace roicast::client {

std::string CaveatsText(const google::protobuf::RepeatedPtrField<v1::Caveat>& caveats, const Terminal& terminal) {
  std::string text;
  for (const v1::Caveat& caveat : caveats) {
    const std::string line = absl::StrCat("note: ", Printable(caveat.message()));
    absl::StrAppend(&text, text.empty() ? "\n" : "", WrapToWidth(line, terminal.width, 6), "\n");
  }
  return text;
}

}  // namespace roicast::client
