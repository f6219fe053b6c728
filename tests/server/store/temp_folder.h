// A folder that is there for one test.
#pragma once

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "server/store/sqlite_store.h"
#include "tests/testing/fake_clock.h"

namespace roicast {

class TempFolder {
 public:
  TempFolder() {
    std::string path = absl::StrCat(std::filesystem::temp_directory_path().string(), "/roicast-test-XXXXXX");
    ROICAST_CHECK(::mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline const absl::Time kTestTime = absl::FromUnixSeconds(1'700'000'000);

// A store with a clock that stands still unless it is moved.
struct TestStore {
  explicit TestStore(const std::string& folder) {
    options.folder = folder;
    options.clock = &clock;
  }
  // Opens, or opens again; fails the process if it cannot.
  Store& Open() {
    store.reset();
    absl::StatusOr<std::unique_ptr<Store>> opened = OpenSqliteStore(options);
    if (!opened.ok()) std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
    ROICAST_CHECK(opened.ok());
    store = *std::move(opened);
    return *store;
  }

  // Runs a statement on the database beside the store, as an operator does.
  void Execute(const std::string& sql) const {
    sqlite3* database = nullptr;
    ROICAST_CHECK(sqlite3_open((options.folder + "/roicast.db").c_str(), &database) == SQLITE_OK);
    ROICAST_CHECK(sqlite3_exec(database, ("PRAGMA foreign_keys = ON; " + sql).c_str(), nullptr, nullptr, nullptr) ==
                  SQLITE_OK);
    sqlite3_close(database);
  }

  FakeClock clock{kTestTime};
  SqliteStoreOptions options;
  std::unique_ptr<Store> store;
};

inline PublishRequest NewVersion(std::string model, std::string bytes) {
  PublishRequest request;
  request.model = std::move(model);
  request.artifact = std::move(bytes);
  request.network = "3 → 1";
  request.holdout_r2 = 0.5;
  request.first_metric = -2.25;
  request.first_metric_name = "R²";
  return request;
}

}  // namespace roicast
