#include "client/cli/decisions/blamed_flag.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/cli/usage_error.h"

namespace roicast::client {
namespace {

// Takes "[3]" off the front. False: there is none.
bool ConsumeIndex(absl::string_view* text, size_t* index) {
  const size_t end = text->find(']');
  if (text->empty() || text->front() != '[' || end == absl::string_view::npos) return false;
  if (!absl::SimpleAtoi(text->substr(1, end - 1), index)) return false;
  text->remove_prefix(end + 1);
  return true;
}

// A message calls a field as the request does, such as spend_feature: words that a flag stands for become that flag.
std::string WithFlagsForFields(absl::string_view text, const std::vector<FlagOfField>& fields) {
  std::vector<std::pair<absl::string_view, absl::string_view>> words;
  for (const FlagOfField& field : fields) {
    if (absl::StrContains(field.field, '_')) words.emplace_back(field.field, field.flag);
  }
  return absl::StrReplaceAll(text, words);
}

}  // namespace

absl::Status BlameFlag(const absl::Status& status, const std::vector<FlagOfField>& fields) {
  const bool usage = absl::IsInvalidArgument(status);
  if (!usage && !absl::IsFailedPrecondition(status)) return status;
  for (const FlagOfField& field : fields) {
    absl::string_view rest = status.message();
    if (!absl::ConsumePrefix(&rest, field.field)) continue;
    std::string blamed(field.flag);
    size_t index = 0;
    if (ConsumeIndex(&rest, &index) && index < field.values.size()) absl::StrAppend(&blamed, " ", field.values[index]);
    if (absl::ConsumePrefix(&rest, ".")) {
      std::string part(rest.substr(0, rest.find_first_of("[:")));
      rest.remove_prefix(part.size());
      ConsumeIndex(&rest, &index);
      std::replace(part.begin(), part.end(), '_', ' ');
      absl::StrAppend(&blamed, ": ", part);
    }
    if (!absl::ConsumePrefix(&rest, ":")) continue;
    const std::string message = absl::StrCat(blamed, ":", WithFlagsForFields(rest, fields));
    if (usage) return UsageError(message);
    // The model lacks what the flag could name: no wrong value of it.
    absl::Status renamed(status.code(), message);
    status.ForEachPayload(
        [&](absl::string_view type, const absl::Cord& payload) { renamed.SetPayload(type, payload); });
    return renamed;
  }
  return status;
}

}  // namespace roicast::client
