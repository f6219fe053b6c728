// What the store has told its clients for good, in a file of its own beside the database: the number of each model's
// newest version, and how often it was recorded which version serves. A start that finds less in the database than was
// promised knows that the database is damaged, or an older one, and can name what is missing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite_database.h"

namespace roicast {

struct Promises {
  std::map<std::string, int64_t> last_version;  // By model: the highest number that was ever given.
  int64_t serving_steps = 0;                    // The number of the last step.

  bool empty() const { return last_version.empty() && serving_steps == 0; }
  friend bool operator==(const Promises&, const Promises&) = default;
};

// What the database holds, of any schema version.
absl::StatusOr<Promises> SelectPromises(SqliteDatabase& database);
// Raises the numbers that models have given, so that none is given twice. Creates models that are not there.
absl::Status RaiseLastVersions(SqliteDatabase& database, const Promises& promised);

// Nothing if there is no such file. DataLoss: its content is not what WritePromises wrote. FailedPrecondition: it is no
// regular file.
absl::StatusOr<std::optional<Promises>> ReadPromises(const std::string& path);
// Writes them beside the file, under `path`.new, and syncs it: what may fail for want of room is done.
// FailedPrecondition: something that is no regular file has that name.
absl::Status PreparePromises(const std::string& path, const Promises& promises);
// Replaces the file by what was prepared, and makes that durable.
absl::Status KeepPreparedPromises(const std::string& path);
// Both.
absl::Status WritePromises(const std::string& path, const Promises& promises);

// What was promised and is not there, as `model "shop" versions 4 to 7, …`; empty: nothing.
std::string MissingOf(const Promises& promised, const Promises& found);

}  // namespace roicast
