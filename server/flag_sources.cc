#include "server/flag_sources.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/nearest_name.h"
#include "base/regular_file.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr size_t kQuoted = 60;
// Editors put it before UTF-8.
constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

// The value without its quotes or the comment behind it.
absl::StatusOr<std::string> ParseValue(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "\"")) {
    const size_t end = text.find('"');
    if (end == absl::string_view::npos) return absl::InvalidArgumentError("expected a closing quote, got none");
    const absl::string_view rest = absl::StripAsciiWhitespace(text.substr(end + 1));
    if (!rest.empty() && rest[0] != '#') {
      return absl::InvalidArgumentError(absl::StrCat("expected nothing after the closing quote, got \"",
                                                     absl::CHexEscape(rest.substr(0, kQuoted)), "\""));
    }
    return std::string(text.substr(0, end));
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && absl::ascii_isspace(static_cast<unsigned char>(text[i - 1]))) text = text.substr(0, i);
  }
  return std::string(absl::StripTrailingAsciiWhitespace(text));
}

absl::StatusOr<FlagSetting> ParseLine(absl::string_view line, const std::vector<std::string>& flags) {
  const size_t equals = line.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected name = value, got \"", absl::CHexEscape(line.substr(0, kQuoted)), "\""));
  }
  FlagSetting setting;
  setting.name = std::string(absl::StripAsciiWhitespace(line.substr(0, equals)));
  if (std::find(flags.begin(), flags.end(), setting.name) == flags.end()) {
    return absl::InvalidArgumentError(absl::StrCat("expected a flag's name, such as max_in_flight, got \"",
                                                   absl::CHexEscape(setting.name.substr(0, kQuoted)), "\"",
                                                   DidYouMean(setting.name, flags)));
  }
  ROICAST_ASSIGN_OR_RETURN(setting.value, ParseValue(absl::StripLeadingAsciiWhitespace(line.substr(equals + 1))));
  return setting;
}

// What is no regular file is not waited for: the thread that reads it also waits for signals.
absl::StatusOr<std::string> ReadConfig(const std::string& path) {
  constexpr size_t kMaxBytes = size_t{1} << 20;
  absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxBytes);
  if (text.ok()) return text;
  return absl::FailedPreconditionError(absl::StrCat("cannot read \"", path, "\": ", text.status().message()));
}

}  // namespace

std::string EnvironmentName(absl::string_view flag) { return absl::StrCat("ROICAST_", absl::AsciiStrToUpper(flag)); }

std::vector<FlagSetting> FlagsFromEnvironment(const std::vector<std::string>& flags) {
  std::vector<FlagSetting> settings;
  for (const std::string& flag : flags) {
    const std::string name = EnvironmentName(flag);
    const char* const value = std::getenv(name.c_str());
    if (value != nullptr && *value != '\0') settings.push_back({flag, value, name});
  }
  return settings;
}

absl::StatusOr<std::vector<FlagSetting>> FlagsFromFile(const std::string& path, const std::vector<std::string>& flags) {
  ROICAST_ASSIGN_OR_RETURN(const std::string text, ReadConfig(path));
  std::vector<FlagSetting> settings;
  absl::string_view rest = text;
  absl::ConsumePrefix(&rest, kByteOrderMark);
  int number = 0;
  for (absl::string_view line : absl::StrSplit(rest, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const std::string where = absl::StrCat(path, ":", number);
    absl::StatusOr<FlagSetting> setting = ParseLine(line, flags);
    if (!setting.ok()) return WithContext(setting.status(), where);
    setting->where = where;
    settings.push_back(*std::move(setting));
  }
  return settings;
}

}  // namespace roicast
