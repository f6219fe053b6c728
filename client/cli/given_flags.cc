#include "client/cli/given_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tables/note.h"
#include "client/cli/display_width.h"

namespace roicast::client {
namespace {

constexpr const char* kNotRepeated[] = {"dataset", "help", "json", "wide"};

bool IsFromEnvironment(const CLI::Option& option) {
  const char* const value = option.get_envname().empty() ? nullptr : std::getenv(option.get_envname().c_str());
  return value != nullptr && option.results() == std::vector<std::string>{value};
}

void AppendFlag(const CLI::Option& option, std::vector<std::string>* flags) {
  const std::string name = absl::StrCat("--", option.get_lnames()[0]);
  if (option.get_items_expected_max() == 0) {
    flags->push_back(name);
  } else if (option.get_delimiter() != '\0') {
    flags->push_back(
        absl::StrCat(name, " ", ShellWord(absl::StrJoin(option.results(), std::string(1, option.get_delimiter())))));
  } else {
    for (const std::string& value : option.results()) {
      // A value that begins with a hyphen would be taken for a flag.
      flags->push_back(absl::StrCat(name, absl::StartsWith(value, "-") ? "=" : " ", ShellWord(value)));
    }
  }
}

}  // namespace

std::vector<std::string> GivenFlags(const CLI::App& command, absl::string_view skipped_group) {
  std::vector<std::string> flags;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->count() == 0 || option->get_lnames().empty() || option->get_group() == skipped_group) continue;
      if (IsFromEnvironment(*option)) continue;
      const std::string& name = option->get_lnames()[0];
      if (std::find(std::begin(kNotRepeated), std::end(kNotRepeated), name) != std::end(kNotRepeated)) continue;
      AppendFlag(*option, &flags);
    }
  }
  return flags;
}

std::string ShellLines(const std::vector<std::string>& words, size_t width) {
  std::string line = absl::StrJoin(words, " ");
  return DisplayWidth(line) <= width ? line : absl::StrJoin(words, " \\\n    ");
}

}  // namespace roicast::client
