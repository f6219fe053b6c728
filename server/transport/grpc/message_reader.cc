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
// How much is set aside for a message before its bytes have come, and how many times as much as is full then. Memory is
// taken only where bytes are written; but a string that doubled would be copied by tens of megabytes at once.
constexpr size_t kMaxAhead = size_t{1} << 20;
constexpr size_t kAheadOfFull = 64;
constexpr int kGzip = 15 + 16;  // zlib: the largest window, in gzip's frame.

// gzip's header and end, and the least of deflate between them.
constexpr size_t kMinGzipBytes = 10 + 8 + 2;
// Of deflate: 258 bytes for two bits.
constexpr size_t kMaxRatio = 1032;

absl::Status Torn() { return absl::InternalError("a compressed message is not gzip, or torn"); }

absl::Status TooLarge(const MessageLimit& limit, size_t bytes) {
  return RequestTooLarge(limit.name, static_cast<int64_t>(limit.bytes), static_cast<int64_t>(bytes));
}

}  // namespace

void MessageReader::Begin(const MessageLimit& limit, bool gzip) {
  limit_ = limit;
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
    if (length_ > limit_.bytes) return TooLarge(limit_, length_);
    message_.reserve(std::min(length_, kMaxAhead));
  }
  const size_t part = std::min(length_ - message_.size(), bytes->size());
  if (message_.size() + part > message_.capacity()) {
    message_.reserve(std::min(length_, kAheadOfFull * message_.capacity()));
  }
  message_.append(bytes->data(), part);
  bytes->remove_prefix(part);
  if (message_.size() < length_) return false;
  prefix_bytes_ = 0;
  return true;
}

void MessageReader::Trim() {
  if (message_.capacity() > kKeepBytes) std::string().swap(message_);
}

absl::StatusOr<size_t> InflatedSize(absl::string_view bytes) {
  if (bytes.size() < kMinGzipBytes) return Torn();
  size_t size = 0;
  for (int i = 1; i <= 4; ++i)
    size = size << 8 | static_cast<unsigned char>(bytes[bytes.size() - static_cast<size_t>(i)]);
  if (size / kMaxRatio > bytes.size()) return Torn();
  return size;
}

absl::StatusOr<std::string> InflateGzip(absl::string_view bytes, const MessageLimit& limit) {
  ROICAST_ASSIGN_OR_RETURN(const size_t size, InflatedSize(bytes));
  if (size > limit.bytes) return TooLarge(limit, size);
  // One byte, for zlib wants room even for nothing.
  std::string inflated(std::max(size, size_t{1}), '\0');
  z_stream stream{};
  ROICAST_CHECK(inflateInit2(&stream, kGzip) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(inflated.data());
  stream.avail_out = static_cast<uInt>(inflated.size());
  // Only the whole fits: gzip's end says its size, and zlib compares.
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0 && stream.total_out == size;
  inflateEnd(&stream);
  if (!whole) return Torn();
  inflated.resize(size);
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
