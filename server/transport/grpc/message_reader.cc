#include "server/transport/grpc/message_reader.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Memory of a message that is kept for the next one.
constexpr size_t kKeepBytes = size_t{16} << 10;
// How much is set aside for a message before its bytes have come.
constexpr size_t kMaxAhead = size_t{1} << 20;
constexpr int kGzip = 15 + 16;  // zlib: the largest window, in gzip's frame.

absl::Status TooLarge(size_t max_bytes, size_t bytes) {
  return RequestTooLarge("request bytes", static_cast<int64_t>(max_bytes), static_cast<int64_t>(bytes));
}

}  // namespace

void MessageReader::Begin(size_t max_bytes, bool gzip) {
  max_bytes_ = max_bytes;
  gzip_ = gzip;
  compressed_ = false;
  prefix_bytes_ = 0;
  length_ = skip_ = 0;
  message_.clear();
}

void MessageReader::Skip() {
  skip_ = length_;
  prefix_bytes_ = 0;
}

absl::StatusOr<bool> MessageReader::Read(absl::string_view* bytes) {
  if (skip_ > 0) {
    const size_t part = std::min(skip_, bytes->size());
    bytes->remove_prefix(part);
    skip_ -= part;
    if (skip_ > 0) return false;
  }
  if (prefix_bytes_ < sizeof(prefix_)) {
    if (prefix_bytes_ == 0) message_.clear();
    const size_t part = std::min(sizeof(prefix_) - prefix_bytes_, bytes->size());
    std::memcpy(prefix_ + prefix_bytes_, bytes->data(), part);
    bytes->remove_prefix(part);
    prefix_bytes_ += part;
    if (prefix_bytes_ < sizeof(prefix_)) return false;
    if (prefix_[0] > 1) {
      return absl::InternalError(
          absl::StrCat("a message's first byte: expected 0 or 1 (compressed), got ", prefix_[0]));
    }
    compressed_ = prefix_[0] == 1;
    if (compressed_ && !gzip_) {
      return absl::InternalError("a message is compressed, but grpc-encoding does not say how");
    }
    length_ = size_t{prefix_[1]} << 24 | size_t{prefix_[2]} << 16 | size_t{prefix_[3]} << 8 | size_t{prefix_[4]};
    if (length_ > max_bytes_) return TooLarge(max_bytes_, length_);
    message_.reserve(std::min(length_, kMaxAhead));
  }
  const size_t part = std::min(length_ - message_.size(), bytes->size());
  message_.append(bytes->data(), part);
  bytes->remove_prefix(part);
  if (message_.size() < length_) return false;
  prefix_bytes_ = 0;
  return true;
}

void MessageReader::Trim() {
  if (message_.capacity() > kKeepBytes) std::string().swap(message_);
}

absl::StatusOr<std::string> InflateGzip(absl::string_view bytes, size_t max_bytes) {
  z_stream stream{};
  ROICAST_CHECK(inflateInit2(&stream, kGzip) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string inflated;
  int result = Z_OK;
  while (result == Z_OK) {
    const size_t before = inflated.size();
    // One byte more than allowed shows that there is more.
    const size_t room = std::min(std::max(2 * before, size_t{4096}), max_bytes + 1 - before);
    inflated.resize(before + room);
    stream.next_out = reinterpret_cast<Bytef*>(inflated.data() + before);
    stream.avail_out = static_cast<uInt>(room);
    result = inflate(&stream, Z_NO_FLUSH);
    inflated.resize(before + room - stream.avail_out);
    if (inflated.size() > max_bytes) break;
    if (result == Z_OK && stream.avail_out > 0) result = Z_DATA_ERROR;  // It ends before gzip's end.
  }
  inflateEnd(&stream);
  if (inflated.size() > max_bytes) return TooLarge(max_bytes, inflated.size());
  if (result != Z_STREAM_END || stream.avail_in > 0) {
    return absl::InternalError("a compressed message is not gzip, or torn");
  }
  return inflated;
}

std::string DeflateGzip(absl::string_view bytes) {
  z_stream stream{};
  ROICAST_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string deflated(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(deflated.data());
  stream.avail_out = static_cast<uInt>(deflated.size());
  ROICAST_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  deflated.resize(stream.total_out);
  deflateEnd(&stream);
  return deflated;
}

}  // namespace roicast
