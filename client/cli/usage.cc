#include "client/cli/usage.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/nearest_name.h"
#include "client/cli/command.h"
#include "client/cli/display_width.h"
#include "client/cli/terminal.h"

namespace roicast::client {
namespace {

template <typename InRange>
CLI::Validator Range(const std::string& expected, InRange in_range) {
  return CLI::Validator(
      [=](std::string& text) {
        double value = 0;
        if (CLI::detail::lexical_cast(text, value) && in_range(value)) return std::string();
        return absl::StrCat("expected ", expected, ", got ", text);
      },
      expected);
}

std::vector<std::string> Names(const std::vector<const CLI::App*>& apps) {
  std::vector<std::string> names;
  for (const CLI::App* app : apps) names.push_back(app->get_name());
  return names;
}

// The command being parsed when the error occurred, such as "jobs list".
const CLI::App* Innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return at;
}

std::string PathOf(const CLI::App* app) {
  return app->get_parent() == nullptr ? app->get_name() : absl::StrCat(PathOf(app->get_parent()), " ", app->get_name());
}

// The word in the place of a command; empty if there is none.
std::string MistypedCommand(const CLI::App& at, int argc, const char* const* argv) {
  int i = 1;
  if (at.get_parent() != nullptr) i += static_cast<int>(std::find(argv + 1, argv + argc, at.get_name()) - argv);
  const std::string word = i < argc ? argv[i] : "";
  return absl::StartsWith(word, "-") ? "" : word;
}

std::vector<std::string> FlagNames(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

// The first long flag that the command does not know; empty if there is none.
std::string UnknownFlag(const CLI::App& at, int argc, const char* const* argv) {
  const std::vector<std::string> known = FlagNames(&at);
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i], name = flag.substr(0, flag.find('='));
    if (absl::StartsWith(name, "--") && std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return "";
}

// Where the continuation of a line of help starts: below its description, else below its first word.
size_t HelpIndent(absl::string_view line) {
  const size_t word = std::min(line.find_first_not_of(' '), line.size());
  const size_t gap = line.find("  ", word);
  return gap == absl::string_view::npos ? word : line.find_first_not_of(' ', gap);
}

std::string FitHelp(absl::string_view help, size_t width) {
  std::string fitted;
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(help, "\n"), '\n')) {
    absl::StrAppend(&fitted, WrapToWidth(line, width, HelpIndent(line)), "\n");
  }
  return fitted;
}

}  // namespace

CLI::Validator Above(double low) {
  return Range(absl::StrFormat("more than %g", low), [low](double value) { return value > low; });
}

CLI::Validator Within(const NumberRange& range) {
  return Range(range.ToString(), [range](double value) { return range.Contains(value); });
}

void AddFooters(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands(nullptr)) {
    const std::string own = command->get_footer();
    command->footer(absl::StrCat(own, own.empty() ? "" : "\n\n",
                                 "All commands take --server HOST:PORT, --timeout SECONDS, --json, --wide;\n"
                                 "  see roicast --help"));
    AddFooters(*command);
  }
}

int ReportParseError(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv) {
  if (error.get_name() == "CallForHelp") {
    std::fputs(FitHelp(app.help(), Terminal::Of(stdout).width).c_str(), stdout);
    return kOk;
  }
  if (error.get_exit_code() == 0) return app.exit(error);
  const CLI::App* at = Innermost(app);
  const std::string path = PathOf(at);
  std::string message = error.what(), next = absl::StrCat(path, " --help shows the usage");
  const std::vector<const CLI::App*> commands = at->get_subcommands(nullptr);
  if (!commands.empty()) {
    const std::string word = MistypedCommand(*at, argc, argv), flag = UnknownFlag(*at, argc, argv);
    if (!word.empty()) {
      message = absl::StrCat("unknown command \"", word, "\"", DidYouMean(word, Names(commands)));
    } else if (!flag.empty()) {
      message = absl::StrCat("unknown flag ", flag, DidYouMean(flag, FlagNames(at)));
    } else {
      message = "expected a command";
    }
    next = absl::StrCat(path, " --help lists them");
  } else if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) &&
             absl::StrContains(message, ": ")) {
    // CLI11 lists them after a colon, separated by blanks.
    const std::string words = message.substr(message.find(": ") + 2);
    const std::string word = words.substr(0, words.find_first_of(" ="));
    message = absl::StrCat(absl::StartsWith(word, "-") ? "unknown flag " : "unexpected argument ", word,
                           DidYouMean(word, FlagNames(at)));
  }
  const Terminal terminal = Terminal::Of(stderr);
  std::fprintf(stderr, "%s %s\n  %s\n", terminal.Paint(path + ":", Tone::kBad).c_str(), message.c_str(), next.c_str());
  return kUsage;
}

}  // namespace roicast::client
