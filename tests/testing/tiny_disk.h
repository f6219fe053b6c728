// A disk that can be filled.
#pragma once

#include <sys/mount.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testing/temp_dir.h"

namespace roicast::testing {

// A tmpfs of 4 MiB, if the test has the right to mount one.
class TinyDisk {
 public:
  TinyDisk() { mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=4m") == 0; }
  ~TinyDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const std::string& path() const { return folder_.path(); }

 private:
  TempDir folder_;
  bool mounted_;
};

// Takes what is free of a disk, in pages, until it is destroyed.
class Filler {
 public:
  explicit Filler(const std::string& disk) : path_(disk + "/filler") {
    std::ofstream file(path_);
    while (file << std::string(4096, 'f') << std::flush) {
    }
  }
  ~Filler() { std::filesystem::remove(path_); }

 private:
  const std::string path_;
};

inline int64_t FreeBytes(const std::string& disk) {
  return static_cast<int64_t>(std::filesystem::space(disk).available);
}

}  // namespace roicast::testing
