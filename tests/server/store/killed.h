// The folder of a server that was killed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {

// What a killed server leaves: a copy of the folder while the store is open.
class Killed {
 public:
  explicit Killed(const TestStore& test) {
    std::filesystem::copy(test.options.folder, folder_.path(), std::filesystem::copy_options::recursive);
    test_.options.warn = [this](const std::string& message) { warnings_.push_back(message); };
  }
  std::string File(const std::string& name) const { return folder_.path() + "/" + name; }
  absl::Status OpenStatus() const { return OpenSqliteStore(test_.options).status(); }
  TestStore& test() { return test_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  TempFolder folder_;
  TestStore test_{folder_.path()};
  std::vector<std::string> warnings_;
};

}  // namespace roicast
