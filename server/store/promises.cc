#include "server/store/promises.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/regular_file.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "server/store/file_status.h"

namespace roicast {
namespace {

constexpr absl::string_view kPromisesMagic = "roicast promises 1\n";
constexpr absl::string_view kDigestName = "sha256 ";
constexpr size_t kMaxNamedModels = 20;
// Millions of models.
constexpr size_t kMaxFileBytes = size_t{256} << 20;

// The number of a line "number rest".
bool TakeNumber(absl::string_view& line, int64_t& number) {
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos || !absl::SimpleAtoi(line.substr(0, space), &number) || number < 0) return false;
  line.remove_prefix(space + 1);
  return true;
}

std::string EncodePromises(const Promises& promises) {
  std::string text(kPromisesMagic);
  absl::StrAppend(&text, promises.serving_steps, " steps\n");
  for (const auto& [model, version] : promises.last_version) absl::StrAppend(&text, version, " ", model, "\n");
  absl::StrAppend(&text, kDigestName, Sha256Hex(text), "\n");
  return text;
}

absl::StatusOr<Promises> DecodePromises(absl::string_view text) {
  const absl::Status damaged = absl::DataLossError("it is damaged");
  const size_t digest_at = text.rfind(kDigestName);
  if (digest_at == absl::string_view::npos ||
      text.substr(digest_at) != absl::StrCat(kDigestName, Sha256Hex(text.substr(0, digest_at)), "\n")) {
    return damaged;
  }
  absl::string_view body = text.substr(0, digest_at);
  if (!absl::ConsumePrefix(&body, kPromisesMagic)) return damaged;
  Promises promises;
  bool first = true;
  for (absl::string_view line : absl::StrSplit(body, '\n', absl::SkipEmpty())) {
    int64_t number = 0;
    if (!TakeNumber(line, number)) return damaged;
    if (first) {
      promises.serving_steps = number;
    } else {
      promises.last_version[std::string(line)] = number;
    }
    first = false;
  }
  return promises;
}

std::string NextPath(const std::string& path) { return absl::StrCat(path, ".new"); }

absl::Status InTheWay(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat("\"", path, "\" has to be removed, for it is no regular file"));
}

absl::Status WriteAndSync(int descriptor, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileStatus(errno, "write it");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return ::fsync(descriptor) == 0 ? absl::OkStatus() : FileStatus(errno, "sync it");
}

}  // namespace

absl::StatusOr<Promises> SelectPromises(SqliteDatabase& database) {
  Promises promises;
  const auto number_of = [&database](absl::string_view sql) -> absl::StatusOr<int64_t> {
    SqliteStatement statement = database.Prepare(sql);
    ROICAST_RETURN_IF_ERROR(statement.Step().status());
    return statement.Int(0);
  };
  ROICAST_ASSIGN_OR_RETURN(const int64_t schema_version, number_of("PRAGMA user_version"));
  if (schema_version < 1) return promises;
  SqliteStatement models = database.Prepare("SELECT name, last_version FROM models");
  while (true) {
    ROICAST_ASSIGN_OR_RETURN(const bool row, models.Step());
    if (!row) break;
    promises.last_version[models.Bytes(0)] = models.Int(1);
  }
  if (schema_version < 2) return promises;
  ROICAST_ASSIGN_OR_RETURN(promises.serving_steps, number_of("SELECT COALESCE(MAX(number), 0) FROM serving_steps"));
  return promises;
}

absl::Status RaiseLastVersions(SqliteDatabase& database, const Promises& promised) {
  for (const auto& [model, version] : promised.last_version) {
    ROICAST_RETURN_IF_ERROR(
        database
            .Prepare("INSERT INTO models (name, last_version) VALUES (?, ?) ON CONFLICT (name) DO UPDATE "
                     "SET last_version = MAX(last_version, excluded.last_version)")
            .BindText(model)
            .BindInt(version)
            .Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Promises>> ReadPromises(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxFileBytes);
  if (absl::IsNotFound(text.status())) return std::optional<Promises>();
  if (!text.ok()) return WithContext(text.status(), absl::StrCat("cannot read \"", path, "\""));
  absl::StatusOr<Promises> promises = DecodePromises(*text);
  if (!promises.ok()) return WithContext(promises.status(), path);
  return std::make_optional(*std::move(promises));
}

absl::Status PreparePromises(const std::string& path, const Promises& promises) {
  const std::string next = NextPath(path);
  // Each write of the store waits for this one: a pipe that somebody has put there must not be waited for.
  const int descriptor = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0644);
  if (descriptor < 0 && (errno == ENXIO || errno == ELOOP)) return InTheWay(next);
  if (descriptor < 0) return FileStatus(errno, absl::StrCat("create \"", next, "\""));
  if (!CheckRegularFile(descriptor).ok()) {
    ::close(descriptor);
    return InTheWay(next);
  }
  absl::Status written = WithContext(WriteAndSync(descriptor, EncodePromises(promises)), next);
  ::close(descriptor);
  if (!written.ok()) ::unlink(next.c_str());
  return written;
}

absl::Status KeepPreparedPromises(const std::string& path) {
  if (::rename(NextPath(path).c_str(), path.c_str()) != 0)
    return FileStatus(errno, absl::StrCat("name \"", path, "\""));
  return SyncFolder(std::filesystem::path(path).parent_path().string());
}

absl::Status WritePromises(const std::string& path, const Promises& promises) {
  ROICAST_RETURN_IF_ERROR(PreparePromises(path, promises));
  return KeepPreparedPromises(path);
}

std::string MissingOf(const Promises& promised, const Promises& found) {
  std::vector<std::string> missing;
  for (const auto& [model, version] : promised.last_version) {
    const auto there = found.last_version.find(model);
    const int64_t last = there == found.last_version.end() ? 0 : there->second;
    if (last + 1 == version) missing.push_back(absl::StrCat("model \"", model, "\" version ", version));
    if (last + 1 < version) {
      missing.push_back(absl::StrCat("model \"", model, "\" versions ", last + 1, " to ", version));
    }
  }
  if (missing.size() > kMaxNamedModels) {
    const size_t more = missing.size() - kMaxNamedModels;
    missing.resize(kMaxNamedModels);
    missing.push_back(absl::StrCat("and of ", more, " more models"));
  }
  if (found.serving_steps < promised.serving_steps) {
    missing.push_back(
        absl::StrCat("the last ", promised.serving_steps - found.serving_steps, " choices of the version that serves"));
  }
  return absl::StrJoin(missing, ", ");
}

}  // namespace roicast
