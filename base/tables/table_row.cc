#include "base/tables/table_row.h"

namespace roicast {

absl::string_view LeftOutName(LeftOut reason) {
  switch (reason) {
    case LeftOut::kTitle:
      return "title";
    case LeftOut::kBlank:
      return "blank";
    case LeftOut::kTotals:
      return "totals";
    case LeftOut::kFooter:
      return "footer";
    case LeftOut::kRepeatedHeader:
      return "repeated header";
    case LeftOut::kMalformed:
      return "malformed";
    case LeftOut::kComment:
      return "comment";
  }
  return "?";
}

}  // namespace roicast
