#include "server/telemetry/protobuf_log.h"

#include <google/protobuf/stubs/logging.h>

#include <atomic>
#include <string>

#include "absl/strings/string_view.h"
#include "server/telemetry/line_limit.h"

namespace roicast {
namespace {

constexpr int64_t kMaxLinesPerSecond = 10;

std::atomic<const Logger*> protobuf_logger{nullptr};
LineLimit protobuf_limit(kMaxLinesPerSecond);

LogLevel LevelOf(google::protobuf::LogLevel level) {
  switch (level) {
    case google::protobuf::LOGLEVEL_INFO:
      return LogLevel::kInfo;
    case google::protobuf::LOGLEVEL_WARNING:
      return LogLevel::kWarning;
    case google::protobuf::LOGLEVEL_ERROR:
    case google::protobuf::LOGLEVEL_FATAL:
      break;
  }
  return LogLevel::kError;
}

void Write(google::protobuf::LogLevel level, const char* /*file*/, int /*line*/, const std::string& message) {
  const Logger* const logger = protobuf_logger.load(std::memory_order_acquire);
  // After a fatal line the process aborts.
  const bool fatal = level == google::protobuf::LOGLEVEL_FATAL;
  if (!fatal && !protobuf_limit.Take()) return;
  logger->Log(LevelOf(level), "libprotobuf", {{"text", message}, {"suppressed", protobuf_limit.TakeSuppressed()}});
  if (fatal) logger->Flush();
}

}  // namespace

void SendProtobufLogTo(const Logger* logger) {
  protobuf_logger.store(logger, std::memory_order_release);
  google::protobuf::SetLogHandler(&Write);
}

}  // namespace roicast
