#include "server/telemetry/protobuf_log.h"

#include <google/protobuf/stubs/logging.h>

#include <atomic>
#include <chrono>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {
namespace {

constexpr int64_t kMaxLinesPerSecond = 10;

std::atomic<const Logger*> protobuf_logger{nullptr};
std::atomic<int64_t> protobuf_second{0};
std::atomic<int64_t> protobuf_lines{0};
std::atomic<int64_t> protobuf_suppressed{0};

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

// As AccessLog counts them: the limit is approximate.
bool MayWrite() {
  const int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  int64_t second = protobuf_second.load(std::memory_order_relaxed);
  if (second != now && protobuf_second.compare_exchange_strong(second, now, std::memory_order_relaxed)) {
    protobuf_lines.store(0, std::memory_order_relaxed);
  }
  return protobuf_lines.fetch_add(1, std::memory_order_relaxed) < kMaxLinesPerSecond;
}

void Write(google::protobuf::LogLevel level, const char* /*file*/, int /*line*/, const std::string& message) {
  const Logger* const logger = protobuf_logger.load(std::memory_order_acquire);
  // After a fatal line the process aborts.
  const bool fatal = level == google::protobuf::LOGLEVEL_FATAL;
  if (!fatal && !MayWrite()) {
    protobuf_suppressed.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  logger->Log(LevelOf(level), "libprotobuf",
              {{"text", message}, {"suppressed", protobuf_suppressed.exchange(0, std::memory_order_relaxed)}});
  if (fatal) logger->Flush();
}

}  // namespace

void SendProtobufLogTo(const Logger* logger) {
  protobuf_logger.store(logger, std::memory_order_release);
  google::protobuf::SetLogHandler(&Write);
}

}  // namespace roicast
