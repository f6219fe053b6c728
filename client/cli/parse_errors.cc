// What is wrong with a command line, in words that CLI11 does not have.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/nearest_name.h"
#include "base/printable.h"
#include "client/cli/command.h"
#include "client/cli/display_width.h"
#include "client/cli/terminal.h"
#include "client/cli/usage.h"
#include "client/cli/value_types.h"

namespace roicast::client {
namespace {

std::string PathOf(const CLI::App* app) {
  return app->get_parent() == nullptr ? app->get_name() : absl::StrCat(PathOf(app->get_parent()), " ", app->get_name());
}

// The flag of that name, with its hyphens, of the command or of those above it; nullptr if there is none.
const CLI::Option* FindFlag(const CLI::App* app, const std::string& name) {
  for (; app != nullptr; app = app->get_parent()) {
    if (const CLI::Option* option = app->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

// The first words that no command expects. The command line is read again because CLI11 keeps neither the order of
// such words nor what they stand for.
struct Surprise {
  // The command that the line is about, such as "jobs list".
  const CLI::App* command = nullptr;
  std::string unknown_flag;
  // The word in the place of a command.
  std::string unknown_command;
};

// Reads one flag and returns whether the next word is its value.
bool ReadFlag(const std::string& word, Surprise* surprise) {
  const bool is_long = absl::StartsWith(word, "--");
  const size_t equals = word.find('=');
  const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
  const CLI::Option* option = FindFlag(surprise->command, name);
  if (option == nullptr) {
    // The value of a short flag is attached to it, but so is a long one with a missing hyphen.
    if (surprise->unknown_flag.empty()) surprise->unknown_flag = word.substr(0, equals);
    return false;
  }
  const bool has_value = is_long ? equals != std::string::npos : word.size() > 2;
  return option->get_items_expected_max() > 0 && !has_value;
}

Surprise FindSurprise(const CLI::App& app, int argc, const char* const* argv) {
  Surprise surprise;
  surprise.command = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") break;
    if (word.size() > 1 && word[0] == '-') {
      if (ReadFlag(word, &surprise)) ++i;
      continue;
    }
    const std::vector<const CLI::App*> commands = surprise.command->get_subcommands(nullptr);
    if (commands.empty()) continue;
    const auto next = std::find_if(commands.begin(), commands.end(),
                                   [&word](const CLI::App* command) { return command->get_name() == word; });
    if (next != commands.end()) {
      surprise.command = *next;
    } else if (surprise.unknown_command.empty() && surprise.unknown_flag.empty()) {
      surprise.unknown_command = word;
    }
  }
  return surprise;
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

std::string UnknownFlag(const std::string& flag, const CLI::App* command) {
  if (FindFlag(command, flag) != nullptr) {
    return absl::StrCat(flag, ": expected behind the command ", command->get_name(), ", got it before");
  }
  return absl::StrCat("unknown flag ", flag, DidYouMean(flag, FlagNames(command)));
}

// The first word that CLI11 had no place for; empty if there is none.
std::string FirstExtra(const CLI::App* app) {
  for (; app != nullptr; app = app->get_parent()) {
    for (const std::string& extra : app->remaining()) {
      if (extra != "--") return extra;
    }
  }
  return "";
}

// How messages call an option: "--epochs", or "FILE" for one without a flag.
std::string NameOf(const CLI::Option& option) {
  return option.get_lnames().empty() && option.get_snames().empty() ? TypeNameOf(option) : option.get_name();
}

// The option that CLI11's message begins with; nullptr if it is none.
const CLI::Option* OptionOf(absl::string_view message, const CLI::App* app) {
  const CLI::Option* found = nullptr;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      const std::string name = option->get_name();
      const bool starts = absl::StartsWith(message, name) &&
                          (message.size() == name.size() || absl::StrContains(" :", message.substr(name.size(), 1)));
      if (starts && (found == nullptr || found->get_name().size() < name.size())) found = option;
    }
  }
  return found;
}

std::string Reworded(const CLI::ParseError& error, const CLI::App* command) {
  absl::string_view message = error.what();
  const bool conversion = absl::ConsumePrefix(&message, "Could not convert: ");
  const CLI::Option* const option = OptionOf(message, command);
  if (option == nullptr) return error.what();
  const std::string name = NameOf(*option);
  absl::string_view rest = message.substr(option->get_name().size());
  if (conversion && absl::ConsumePrefix(&rest, " = ")) {
    const bool is_flag = option->get_items_expected_max() == 0;
    return absl::StrCat(name, ": expected ", is_flag ? "no value" : ExpectedValue(*option), ", got ", rest);
  }
  if (rest == " is required") return absl::StrCat(name, ": expected one, got none");
  if (absl::EndsWith(rest, " missing"))
    return absl::StrCat(name, ": expected ", ExpectedValue(*option), ", got nothing");
  if (absl::StrContains(rest, "At Most ")) {
    return absl::StrCat(name, ": expected once, got ", option->results().size(), " times");
  }
  if (absl::ConsumePrefix(&rest, " excludes ")) {
    const CLI::Option* const other = OptionOf(rest, command);
    return absl::StrCat("expected either ", name, " or ", other == nullptr ? std::string(rest) : NameOf(*other),
                        ", got both");
  }
  return absl::StrCat(name, rest);
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

int ReportParseError(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv) {
  if (error.get_name() == "CallForHelp") {
    std::fputs(FitHelp(app.help(), Terminal::Of(stdout).width).c_str(), stdout);
    return kOk;
  }
  if (error.get_exit_code() == 0) return app.exit(error);
  const Surprise surprise = FindSurprise(app, argc, argv);
  const CLI::App* const command = surprise.command;
  std::vector<std::string> commands;
  for (const CLI::App* below : command->get_subcommands(nullptr)) commands.push_back(below->get_name());
  const std::string path = PathOf(command);
  const bool of_words = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                        dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const std::string extra = FirstExtra(command);
  std::string message;
  if (!surprise.unknown_command.empty()) {
    message = absl::StrCat("unknown command \"", surprise.unknown_command, "\"",
                           DidYouMean(surprise.unknown_command, commands));
  } else if (!surprise.unknown_flag.empty() && of_words) {
    message = UnknownFlag(surprise.unknown_flag, command);
  } else if (!commands.empty() && of_words) {
    message = "expected a command";
  } else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extra.empty()) {
    message = absl::StrCat("unexpected argument ", extra);
  } else {
    message = Reworded(error, command);
  }
  const std::string next = absl::StrCat(path, commands.empty() ? " --help shows the usage" : " --help lists them");
  const Terminal terminal = Terminal::Of(stderr);
  std::fprintf(stderr, "%s %s\n  %s\n", terminal.Paint(path + ":", Tone::kBad).c_str(), Printable(message).c_str(),
               next.c_str());
  return kUsage;
}

}  // namespace roicast::client
