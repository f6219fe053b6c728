// The server's flags: one row each, which parsing, --help, validation and the log line at start are made of.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/options.h"

namespace roicast {

// Text, checked by `check` unless nullptr.
struct TextFlag {
  std::string ServerOptions::*member;
  absl::Status (*check)(absl::string_view text) = nullptr;
};

// A whole number from low to high.
template <typename T>
struct NumberFlag {
  T ServerOptions::*member;
  int64_t low;
  int64_t high = std::numeric_limits<int64_t>::max();
};

// A finite duration that is not negative, and at most `high`.
struct DurationFlag {
  absl::Duration ServerOptions::*member;
  bool zero_allowed;
  absl::Duration high = absl::InfiniteDuration();
};

// true or false.
struct SwitchFlag {
  bool ServerOptions::*member;
};

struct LogLevelFlag {
  LogLevel ServerOptions::*member;
};

struct LogFormatFlag {
  LogFormat ServerOptions::*member;
};

using FlagValue =
    std::variant<TextFlag, NumberFlag<int>, NumberFlag<int64_t>, DurationFlag, SwitchFlag, LogLevelFlag, LogFormatFlag>;

struct Flag {
  const char* name;
  FlagValue value;
  // What --help shows for the value.
  const char* type;
  // Without the range, which FlagHelp adds.
  const char* help;
  // Whether a running server takes over a new value on SIGHUP.
  bool reloadable = false;
};

struct FlagGroup {
  const char* title;
  absl::Span<const Flag> flags;
};

// All but --config, --help and --version, in the order of --help.
absl::Span<const FlagGroup> FlagGroups();

std::string FlagHelp(const Flag& flag);

// Sets the flag from its text. InvalidArgument: says what was expected and what came, without the flag's name. The
// range is CheckFlag's.
absl::Status SetFlag(const Flag& flag, const std::string& text, ServerOptions& options);

// The value as SetFlag takes it.
std::string FlagText(const Flag& flag, const ServerOptions& options);

// InvalidArgument: names the flag, what was expected and what came.
absl::Status CheckFlag(const Flag& flag, const ServerOptions& options);

}  // namespace roicast
