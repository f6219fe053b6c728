#include "server/store/dataset_sweep.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "server/store/file_status.h"

namespace roicast {
namespace {

// What the release before wrote: not deleted, because others might name a file so.
constexpr absl::string_view kOldTempPrefix = ".upload-";
constexpr size_t kTempSuffixBytes = 6;
constexpr size_t kDigestDigits = 64;
constexpr size_t kMaxNamedFiles = 10;

bool IsTempName(absl::string_view name, absl::string_view prefix) {
  return absl::ConsumePrefix(&name, prefix) && name.size() == kTempSuffixBytes &&
         std::all_of(name.begin(), name.end(), absl::ascii_isalnum);
}

bool IsDigest(absl::string_view text) {
  return text.size() == kDigestDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

bool IsRegularFile(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

bool Exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

absl::Status Move(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return FileStatus(errno, absl::StrCat("move \"", from, "\" to \"", to, "\""));
}

// The store is locked: nobody takes the name meanwhile.
std::string FreeName(const std::string& path) {
  std::string free = path;
  for (int number = 1; Exists(free); ++number) free = absl::StrCat(path, ".", number);
  return free;
}

std::string Named(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMaxNamedFiles);
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                      shown < names.size() ? absl::StrCat(" and ", names.size() - shown, " more") : "");
}

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return FileStatus(error.value(), absl::StrCat("list folder \"", folder, "\""));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> DatasetSweep::Messages(const std::string& folder) const {
  std::vector<std::string> messages;
  if (!set_aside.empty()) {
    messages.push_back(absl::StrCat("dataset files that the database does not know were moved to \"", folder, "/",
                                    kOrphanedFolder, "\": ", Named(set_aside),
                                    "; delete them there, or put the database back that knows them"));
  }
  if (!brought_back.empty()) {
    messages.push_back(absl::StrCat("dataset files that the database knows again were moved back from \"", folder, "/",
                                    kOrphanedFolder, "\": ", Named(brought_back)));
  }
  messages.insert(messages.end(), errors.begin(), errors.end());
  return messages;
}

absl::StatusOr<DatasetSweep> SweepDatasets(const DatasetFiles& files,
                                           const absl::flat_hash_map<std::string, int64_t>& known) {
  const std::string& folder = files.folder();
  const std::string orphaned = absl::StrCat(folder, "/", kOrphanedFolder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return FileStatus(error.value(), absl::StrCat("create folder \"", folder, "\""));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(folder));
  DatasetSweep sweep;
  const auto note = [&sweep](const absl::Status& status) {
    if (!status.ok()) sweep.errors.emplace_back(status.message());
    return status.ok();
  };
  for (const std::string& name : names) {
    const std::string path = absl::StrCat(folder, "/", name);
    absl::string_view digest = name;
    const bool dataset = absl::ConsumeSuffix(&digest, ".csv") && IsDigest(digest) && !known.contains(digest);
    const bool temporary = IsTempName(name, kDatasetTempPrefix);
    if (!(dataset || temporary || IsTempName(name, kOldTempPrefix)) || !IsRegularFile(path)) continue;
    if (temporary) {
      std::filesystem::remove(path, error);
      if (error) note(FileStatus(error.value(), absl::StrCat("remove \"", path, "\"")));
      continue;
    }
    std::filesystem::create_directories(orphaned, error);
    if (error) {
      note(FileStatus(error.value(), absl::StrCat("create folder \"", orphaned, "\"")));
      break;
    }
    if (note(Move(path, FreeName(absl::StrCat(orphaned, "/", name))))) sweep.set_aside.push_back(name);
  }
  if (!std::filesystem::is_directory(orphaned, error)) return sweep;
  for (const auto& [digest, size] : known) {
    const std::string path = files.PathOf(digest);
    const std::string name = std::filesystem::path(path).filename().string();
    const std::string aside = absl::StrCat(orphaned, "/", name);
    if (Exists(path) || !IsRegularFile(aside) ||
        std::filesystem::file_size(aside, error) != static_cast<uintmax_t>(size)) {
      continue;
    }
    if (note(Move(aside, path))) sweep.brought_back.push_back(name);
  }
  std::sort(sweep.brought_back.begin(), sweep.brought_back.end());
  return sweep;
}

}  // namespace roicast
