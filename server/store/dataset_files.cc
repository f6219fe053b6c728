#include "server/store/dataset_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/store/file_status.h"

namespace roicast {
namespace {

// The first format has a delimiter, and nothing more.
constexpr absl::string_view kFormatMagic = "roicast dataset 1\n";
constexpr absl::string_view kFormatMagic2 = "roicast dataset 2\n";

// "size:bytes", so that no content can be taken for a separator.
void AppendField(std::string& out, absl::string_view field) { absl::StrAppend(&out, field.size(), ":", field); }

bool TakeField(absl::string_view& in, std::string& field) {
  const size_t colon = in.find(':');
  uint64_t size = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(in.substr(0, colon), &size)) return false;
  in.remove_prefix(colon + 1);
  if (size > in.size()) return false;
  field = std::string(in.substr(0, size));
  in.remove_prefix(size);
  return true;
}

}  // namespace

std::string EncodeDatasetFormat(const DatasetFormat& format) {
  const bool first = format.delimiter != '\0' && format.more.empty();
  std::string out(first ? kFormatMagic : kFormatMagic2);
  if (!first) AppendField(out, format.more);
  AppendField(out, absl::string_view(&format.delimiter, 1));
  AppendField(out, format.no_header ? "1" : "0");
  AppendField(out, absl::StrCat(format.missing_values.size()));
  for (const std::string& value : format.missing_values) AppendField(out, value);
  return out;
}

absl::StatusOr<DatasetFormat> DecodeDatasetFormat(absl::string_view bytes) {
  const absl::Status damaged = absl::DataLossError("the format of the dataset cannot be read");
  DatasetFormat format;
  std::string delimiter, no_header, count_text;
  uint64_t count = 0;
  const bool first = absl::ConsumePrefix(&bytes, kFormatMagic);
  if (!first && (!absl::ConsumePrefix(&bytes, kFormatMagic2) || !TakeField(bytes, format.more))) return damaged;
  if (!TakeField(bytes, delimiter) || delimiter.size() != 1 || !TakeField(bytes, no_header) ||
      !TakeField(bytes, count_text) || !absl::SimpleAtoi(count_text, &count)) {
    return damaged;
  }
  format.delimiter = delimiter[0];
  format.no_header = no_header == "1";
  for (uint64_t i = 0; i < count; ++i) {
    std::string value;
    if (!TakeField(bytes, value)) return damaged;
    format.missing_values.push_back(std::move(value));
  }
  return format;
}

std::string DatasetFiles::PathOf(absl::string_view digest) const { return absl::StrCat(folder_, "/", digest, ".csv"); }

absl::Status DatasetFiles::Check(const DatasetRecord& dataset) const {
  struct stat info {};
  const std::string path = PathOf(dataset.digest);
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::DataLossError(absl::StrCat("dataset ", dataset.digest, ": its file is gone"));
    return FileStatus(errno, absl::StrCat("look at \"", path, "\""));
  }
  if (info.st_size != dataset.size_bytes) {
    return absl::DataLossError(absl::StrCat("dataset ", dataset.digest, ": expected ", dataset.size_bytes,
                                            " bytes, its file has ", info.st_size));
  }
  return absl::OkStatus();
}

absl::Status DatasetFiles::Verify(const DatasetRecord& dataset, const StopCheck& stop) const {
  ROICAST_RETURN_IF_ERROR(Check(dataset));
  const std::string path = PathOf(dataset.digest);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return FileStatus(errno, absl::StrCat("open \"", path, "\""));
  Sha256 sha;
  sha.Update(EncodeDatasetFormat(dataset.format));
  std::vector<char> buffer(1 << 20);
  ssize_t got = 0;
  absl::Status unwanted;
  do {
    unwanted = CheckStop(stop);
    if (!unwanted.ok()) break;
    got = ::read(descriptor, buffer.data(), buffer.size());
    if (got > 0) sha.Update(absl::string_view(buffer.data(), static_cast<size_t>(got)));
  } while (got > 0 || (got < 0 && errno == EINTR));
  const int error_number = errno;
  ::close(descriptor);
  ROICAST_RETURN_IF_ERROR(unwanted);
  if (got < 0) return FileStatus(error_number, absl::StrCat("read \"", path, "\""));
  const std::string digest = sha.HexDigest();
  if (digest != dataset.digest) {
    return absl::DataLossError(
        absl::StrCat("dataset ", dataset.digest, ": the content of its file has digest ", digest));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<DatasetTempFile>> DatasetTempFile::Create(const DatasetFiles& files,
                                                                         const DatasetFormat& format, int64_t max_bytes,
                                                                         StoreSpace& space) {
  std::unique_ptr<DatasetTempFile> file(new DatasetTempFile(files, max_bytes, space));
  ROICAST_RETURN_IF_ERROR(file->TakeSpace(0));
  std::string path = absl::StrCat(files.folder(), "/", kDatasetTempPrefix, "XXXXXX");
  file->descriptor_ = ::mkostemp(path.data(), O_CLOEXEC);
  if (file->descriptor_ < 0) return FileStatus(errno, absl::StrCat("create a file in \"", files.folder(), "\""));
  file->path_ = std::move(path);
  file->sha_.Update(EncodeDatasetFormat(format));
  return file;
}

DatasetTempFile::~DatasetTempFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!path_.empty()) ::unlink(path_.c_str());
  space_.GiveBack(taken_);
}

absl::Status DatasetTempFile::TakeSpace(int64_t size_bytes) {
  const int64_t needed = SpaceOfFile(size_bytes);
  if (needed == taken_) return absl::OkStatus();
  ROICAST_RETURN_IF_ERROR(space_.TakeForFile(needed - taken_));
  taken_ = needed;
  return absl::OkStatus();
}

absl::Status DatasetTempFile::Append(absl::string_view bytes) {
  if (static_cast<int64_t>(bytes.size()) > max_bytes_ - size_bytes_) {
    return RequestTooLarge("dataset bytes", max_bytes_, size_bytes_ + static_cast<int64_t>(bytes.size()));
  }
  ROICAST_RETURN_IF_ERROR(TakeSpace(size_bytes_ + static_cast<int64_t>(bytes.size())));
  sha_.Update(bytes);
  size_bytes_ += static_cast<int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileStatus(errno, "write the dataset");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

std::string DatasetTempFile::Digest() { return sha_.HexDigest(); }

absl::Status DatasetTempFile::Keep(const std::string& digest) {
  if (::fsync(descriptor_) != 0) return FileStatus(errno, "sync the dataset");
  const std::string path = files_.PathOf(digest);
  struct stat replaced {};
  const bool replaces = ::lstat(path.c_str(), &replaced) == 0;
  if (::rename(path_.c_str(), path.c_str()) != 0) return FileStatus(errno, absl::StrCat("name \"", path, "\""));
  path_.clear();
  // From now on its space is the store's.
  taken_ = replaces ? SpaceOfFile(replaced.st_size) : 0;
  return SyncFolder(files_.folder());
}

}  // namespace roicast
