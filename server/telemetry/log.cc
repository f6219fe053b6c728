#include "server/telemetry/log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "base/printable.h"

namespace roicast {
namespace {

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Plain words are written unchanged; anything else is quoted, so that an event stays on one line and its fields can be
// parsed.
std::string TextValue(absl::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"=\\") == absl::string_view::npos;
  if (plain && Printable(value) == value) return std::string(value);
  return absl::StrCat("\"", Printable(absl::StrReplaceAll(absl::Utf8SafeCEscape(value), {{"\\'", "'"}})), "\"");
}

// A message stays on one line. Its quotes need no escaping, because it precedes the fields.
std::string TextMessage(absl::string_view message) {
  std::string text = absl::Utf8SafeCEscape(message);
  return Printable(absl::StrReplaceAll(text, {{"\\\"", "\""}, {"\\'", "'"}, {"\\\\", "\\"}}));
}

std::string TextLine(absl::string_view time, LogLevel level, absl::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line = absl::StrCat(time, " ", LogLevelName(level), " ", TextMessage(message));
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=");
    if (const auto* text = std::get_if<std::string>(&field.value)) absl::StrAppend(&line, TextValue(*text));
    if (const auto* integer = std::get_if<int64_t>(&field.value)) absl::StrAppend(&line, *integer);
    if (const auto* real = std::get_if<double>(&field.value)) absl::StrAppend(&line, *real);
    if (const auto* flag = std::get_if<bool>(&field.value)) absl::StrAppend(&line, *flag ? "true" : "false");
  }
  return line;
}

std::string JsonLine(absl::string_view time, LogLevel level, absl::string_view message,
                     std::initializer_list<LogField> fields) {
  nlohmann::ordered_json line;
  line["time"] = std::string(time);
  line["level"] = std::string(LogLevelName(level));
  line["message"] = std::string(message);
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { line[std::string(field.key)] = value; }, field.value);
  }
  // Bytes that are not UTF-8 become U+FFFD.
  return PrintableJson(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

// A hundred calls a second for a minute, or so.
constexpr size_t kMaxBytesWaiting = 1 << 20;

// Hands lines to the queue, which takes them without waiting and locks by itself.
class QueueSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit QueueSink(LogQueue* queue) : queue_(*queue) {}

 private:
  // The pattern is the text alone.
  void sink_it_(const spdlog::details::log_msg& message) override {
    queue_.Push({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  LogQueue& queue_;
};

spdlog::sink_ptr MakeSink(std::ostream* out, LogQueue* queue) {
  if (queue != nullptr) return std::make_shared<QueueSink>(queue);
  return std::make_shared<spdlog::sinks::ostream_sink_mt>(*out, true);
}

}  // namespace

absl::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

absl::string_view LogFormatName(LogFormat format) { return format == LogFormat::kJson ? "json" : "text"; }

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (text == LogLevelName(level)) return level;
  }
  return absl::InvalidArgumentError(absl::StrCat("expected debug, info, warning or error, got \"", text, "\""));
}

absl::StatusOr<LogFormat> ParseLogFormat(absl::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "json") return LogFormat::kJson;
  return absl::InvalidArgumentError(absl::StrCat("expected text or json, got \"", text, "\""));
}

Logger::Logger(const LogOptions& options)
    : options_(options),
      level_(options.level),
      queue_(options.out != nullptr ? nullptr
                                    : std::make_unique<LogQueue>(
                                          STDERR_FILENO, kMaxBytesWaiting,
                                          [this](int64_t lines) {
                                            return Line(LogLevel::kWarning, "log lines dropped", {{"lines", lines}});
                                          })),
      logger_(std::make_unique<spdlog::logger>("roicast", MakeSink(options.out, queue_.get()))) {
  logger_->set_pattern("%v");
  logger_->set_level(spdlog::level::debug);  // Log() filters by level_.
  logger_->flush_on(spdlog::level::warn);
}

Logger::~Logger() { logger_->flush(); }

void Logger::Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) const {
  if (level < level_.load(std::memory_order_relaxed)) return;
  const std::string line = Line(level, message, fields);
  logger_->log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string Logger::Line(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) const {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", options_.clock->Now(), absl::UTCTimeZone());
  return options_.format == LogFormat::kText ? TextLine(time, level, message, fields)
                                             : JsonLine(time, level, message, fields);
}

void Logger::Flush() const {
  logger_->flush();
  if (queue_ != nullptr) queue_->Flush(absl::Seconds(1));
}

}  // namespace roicast
