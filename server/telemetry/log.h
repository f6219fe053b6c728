// Structured logs: one line per event, as text or JSON, to stderr. Only AccessLog logs per request.
// Whoever logs never waits for who reads (LogQueue).
// Callers must not log secrets.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "server/telemetry/log_queue.h"

namespace spdlog {
class logger;
}

namespace roicast {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

// "debug", "info", "warning", "error". InvalidArgument.
absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text);
// "text", "json". InvalidArgument.
absl::StatusOr<LogFormat> ParseLogFormat(absl::string_view text);
// Inverse of the above.
absl::string_view LogLevelName(LogLevel level);
absl::string_view LogFormatName(LogFormat format);

struct LogField {
  LogField(absl::string_view name, absl::string_view text) : key(name), value(std::string(text)) {}
  LogField(absl::string_view name, const std::string& text) : key(name), value(text) {}
  LogField(absl::string_view name, const char* text) : key(name), value(std::string(text)) {}
  LogField(absl::string_view name, int number) : key(name), value(int64_t{number}) {}
  LogField(absl::string_view name, int64_t number) : key(name), value(number) {}
  LogField(absl::string_view name, double number) : key(name), value(number) {}
  LogField(absl::string_view name, bool flag) : key(name), value(flag) {}

  absl::string_view key;
  std::variant<std::string, int64_t, double, bool> value;
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;  // Lines below this level are dropped.
  LogFormat format = LogFormat::kText;
  std::ostream* out = nullptr;  // nullptr: stderr. For tests.
  const Clock* clock = &Clock::System();
};

// Thread-safe: lines are never interleaved.
//   text  2026-01-31T12:00:00.000Z info  published model=shop version=3
//   json  {"time":"2026-01-31T12:00:00.000Z","level":"info","message":"published","model":"shop","version":3}
class Logger {
 public:
  explicit Logger(const LogOptions& options);
  // Waits as Flush does.
  ~Logger();

  void Debug(absl::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kDebug, message, fields);
  }
  void Info(absl::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kInfo, message, fields);
  }
  void Warning(absl::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kWarning, message, fields);
  }
  void Error(absl::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kError, message, fields);
  }
  void Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) const;
  // Waits, for at most a second, until the lines so far are written. For who ends the process.
  void Flush() const;
  // Lines that were lost since the start, because nobody read them or they could not be written.
  int64_t dropped_lines() const { return queue_ == nullptr ? 0 : queue_->dropped(); }
  // Takes effect with the next line.
  void SetLevel(LogLevel level) { level_.store(level, std::memory_order_relaxed); }

 private:
  std::string Line(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) const;

  const LogOptions options_;
  std::atomic<LogLevel> level_;
  const std::unique_ptr<LogQueue> queue_;  // nullptr: lines go to options_.out.
  const std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace roicast
