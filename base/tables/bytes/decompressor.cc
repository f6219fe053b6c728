#include "base/tables/bytes/decompressor.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr size_t kPieceBytes = size_t{64} << 10;
constexpr size_t kMagicBytes = 4;
// zlib counts in 32 bits.
constexpr size_t kMaxInput = size_t{1} << 30;
// In bits. Larger windows need --long=… when compressing, too.
constexpr int kMaxWindowLog = 27;
// 15 bits of window; 16 more: gzip's header and checksum.
constexpr int kGzipWindow = 15 + 16;
// zconf.h: the window, and about 7 KB.
constexpr size_t kGzipBytes = size_t{40} << 10;

absl::Status Truncated(absl::string_view kind, int64_t bytes) {
  return absl::InvalidArgumentError(absl::StrCat("the ", kind, " archive ends too early, after ", bytes,
                                                 " bytes: expected more, is the file complete?"));
}

absl::Status Damaged(absl::string_view kind, int64_t position, absl::string_view detail) {
  return absl::InvalidArgumentError(
      absl::StrCat("the ", kind, " archive is damaged near byte ", position, ": ", detail));
}

}  // namespace

Compression CompressionOf(absl::string_view start) {
  if (start.substr(0, 2) == "\x1F\x8B") return Compression::kGzip;
  if (start.substr(0, 4) == "\x28\xB5\x2F\xFD") return Compression::kZstd;
  return Compression::kNone;
}

class Decompressor::Stream {
 public:
  virtual ~Stream() = default;
  virtual absl::Status Feed(absl::string_view bytes) = 0;
  virtual absl::Status Finish() = 0;
  virtual size_t memory_bytes() const = 0;
};

class Decompressor::GzipStream : public Decompressor::Stream {
 public:
  explicit GzipStream(const Sink& sink) : sink_(sink), piece_(kPieceBytes) {
    ROICAST_CHECK(inflateInit2(&zlib_, kGzipWindow) == Z_OK);
  }
  ~GzipStream() override { inflateEnd(&zlib_); }

  absl::Status Feed(absl::string_view bytes) override {
    while (!bytes.empty()) {
      const size_t size = std::min(bytes.size(), kMaxInput);
      ROICAST_RETURN_IF_ERROR(FeedSome(bytes.substr(0, size)));
      bytes.remove_prefix(size);
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override { return between_members_ ? absl::OkStatus() : Truncated("gzip", total_in_); }
  size_t memory_bytes() const override { return piece_.size() + kGzipBytes; }

 private:
  absl::Status FeedSome(absl::string_view bytes) {
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    zlib_.avail_in = static_cast<uInt>(bytes.size());
    while (true) {
      if (between_members_) {
        // gzip files may be joined, and padded with zeros.
        while (members_ > 0 && zlib_.avail_in > 0 && *zlib_.next_in == 0) Skip();
        if (zlib_.avail_in == 0) break;
        if (members_ > 0) ROICAST_CHECK(inflateReset(&zlib_) == Z_OK);
        between_members_ = false;
      }
      zlib_.next_out = reinterpret_cast<Bytef*>(piece_.data());
      zlib_.avail_out = static_cast<uInt>(piece_.size());
      const uInt before = zlib_.avail_in;
      const int result = inflate(&zlib_, Z_NO_FLUSH);
      total_in_ += before - zlib_.avail_in;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        const char* detail = zlib_.msg != nullptr ? zlib_.msg : "unknown error";
        return Damaged("gzip", total_in_, members_ > 0 ? absl::StrCat("after the end, ", detail) : detail);
      }
      const size_t out = piece_.size() - zlib_.avail_out;
      if (out > 0) ROICAST_RETURN_IF_ERROR(sink_(absl::string_view(piece_.data(), out)));
      if (result == Z_STREAM_END) {
        between_members_ = true;
        ++members_;
      } else if (zlib_.avail_in == 0 && zlib_.avail_out > 0) {
        break;
      }
    }
    return absl::OkStatus();
  }

  void Skip() {
    ++zlib_.next_in;
    --zlib_.avail_in;
    ++total_in_;
  }

  const Sink& sink_;
  std::vector<char> piece_;
  z_stream zlib_ = {};
  bool between_members_ = true;
  int64_t members_ = 0;
  int64_t total_in_ = 0;
};

class Decompressor::ZstdStream : public Decompressor::Stream {
 public:
  explicit ZstdStream(const Sink& sink) : sink_(sink), piece_(kPieceBytes), zstd_(ZSTD_createDStream()) {
    ROICAST_CHECK(zstd_ != nullptr);
    ROICAST_CHECK(!ZSTD_isError(ZSTD_DCtx_setParameter(zstd_, ZSTD_d_windowLogMax, kMaxWindowLog)));
  }
  ~ZstdStream() override { ZSTD_freeDStream(zstd_); }

  absl::Status Feed(absl::string_view bytes) override {
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    // A full piece may leave more inside.
    bool full = false;
    while (in.pos < in.size || full) {
      ZSTD_outBuffer out = {piece_.data(), piece_.size(), 0};
      const size_t before = in.pos;
      const size_t result = ZSTD_decompressStream(zstd_, &out, &in);
      if (ZSTD_isError(result)) {
        return Damaged("zstd", total_in_ + static_cast<int64_t>(in.pos), ZSTD_getErrorName(result));
      }
      if (in.pos > before || out.pos > 0) complete_ = result == 0;
      full = out.pos == out.size;
      if (out.pos > 0) ROICAST_RETURN_IF_ERROR(sink_(absl::string_view(piece_.data(), out.pos)));
    }
    total_in_ += static_cast<int64_t>(bytes.size());
    return absl::OkStatus();
  }

  absl::Status Finish() override { return complete_ ? absl::OkStatus() : Truncated("zstd", total_in_); }
  size_t memory_bytes() const override { return piece_.size() + ZSTD_sizeof_DStream(zstd_); }

 private:
  const Sink& sink_;
  std::vector<char> piece_;
  ZSTD_DStream* zstd_;
  // Whether a frame has ended, with its checksum where it has one.
  bool complete_ = false;
  int64_t total_in_ = 0;
};

Decompressor::Decompressor(Sink sink) : sink_(std::move(sink)) {}
Decompressor::~Decompressor() = default;

absl::Status Decompressor::Feed(absl::string_view bytes) {
  if (!begun_) {
    if (start_.size() + bytes.size() < kMagicBytes) {
      start_.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    }
    const size_t taken = kMagicBytes - start_.size();
    start_.append(bytes.data(), taken);
    bytes.remove_prefix(taken);
    ROICAST_RETURN_IF_ERROR(Begin());
  }
  if (bytes.empty()) return absl::OkStatus();
  return stream_ != nullptr ? stream_->Feed(bytes) : sink_(bytes);
}

absl::Status Decompressor::Finish() {
  if (!begun_) ROICAST_RETURN_IF_ERROR(Begin());
  return stream_ != nullptr ? stream_->Finish() : absl::OkStatus();
}

size_t Decompressor::memory_bytes() const { return stream_ != nullptr ? stream_->memory_bytes() : 0; }

absl::Status Decompressor::Begin() {
  begun_ = true;
  compression_ = CompressionOf(start_);
  if (compression_ == Compression::kGzip) stream_ = std::make_unique<GzipStream>(sink_);
  if (compression_ == Compression::kZstd) stream_ = std::make_unique<ZstdStream>(sink_);
  const std::string start = std::move(start_);
  if (start.empty()) return absl::OkStatus();
  return stream_ != nullptr ? stream_->Feed(start) : sink_(start);
}

}  // namespace roicast
