// What errno means to the user of a store.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// `doing` says what failed, such as "create folder \"/data\"". ENOSPC, EDQUOT and EFBIG: StoreFull. EACCES,
// EPERM and EROFS: PermissionDenied. ENOENT and ENOTDIR: FailedPrecondition. EIO: DataLoss. Others: Internal.
absl::Status FileStatus(int error_number, absl::string_view doing);

// The disk, a quota or `ulimit -f`: ENOSPC, EDQUOT and EFBIG.
bool IsFullDisk(int error_number);

// Whether a file or a folder may be read and written by this process, a folder's names included; also if it is not
// there. The message has the path.
absl::Status CheckWritable(const std::string& path);

// Makes a rename or a new file in a folder durable.
absl::Status SyncFolder(const std::string& path);

}  // namespace roicast
