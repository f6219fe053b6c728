#include "base/tables/bytes/decompressor.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>

#include "base/random.h"

namespace roicast {
namespace {

std::string Gzip(absl::string_view text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(absl::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Expanded {
  absl::Status status;
  std::string text;
  size_t largest = 0;
  Compression compression = Compression::kNone;
};

Expanded Expand(absl::string_view bytes, size_t piece = std::string::npos) {
  Expanded result;
  Decompressor decompressor([&](absl::string_view text) {
    result.text.append(text.data(), text.size());
    result.largest = std::max(result.largest, text.size());
    return absl::OkStatus();
  });
  while (!bytes.empty() && result.status.ok()) {
    result.status = decompressor.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (result.status.ok()) result.status = decompressor.Finish();
  result.compression = decompressor.compression();
  return result;
}

std::string SomeText() {
  Random random(3);
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += std::to_string(random.Below(1000)) + ",";
  return text;
}

TEST(Decompressor, ExpandsGzipAndZstdCutAnywhere) {
  const std::string text = SomeText();
  for (const std::string& archive : {Gzip(text), Zstd(text)}) {
    for (const size_t piece : {size_t{1}, size_t{1000}, archive.size()}) {
      const Expanded result = Expand(archive, piece);
      EXPECT_TRUE(result.status.ok()) << result.status;
      EXPECT_TRUE(result.text == text) << piece;
    }
  }
  EXPECT_EQ(Expand(Gzip(text)).compression, Compression::kGzip);
  EXPECT_EQ(Expand(Zstd(text)).compression, Compression::kZstd);
}

TEST(Decompressor, PassesOtherBytesThrough) {
  for (const char* text : {"", "a", "abc", "a,b\n1,2\n"}) {
    const Expanded result = Expand(text, 1);
    EXPECT_TRUE(result.status.ok());
    EXPECT_EQ(result.text, text);
    EXPECT_EQ(result.compression, Compression::kNone);
  }
}

TEST(Decompressor, JoinsArchivesThatFollowEachOther) {
  EXPECT_EQ(Expand(Gzip("a,b\n") + Gzip("1,2\n"), 1).text, "a,b\n1,2\n");
  EXPECT_EQ(Expand(Zstd("a,b\n") + Zstd("1,2\n"), 1).text, "a,b\n1,2\n");
  EXPECT_EQ(Expand(Gzip("a") + std::string(100, '\0'), 7).text, "a");
  EXPECT_EQ(Expand(Gzip("")).text, "");
}

TEST(Decompressor, AnArchiveThatEndsTooEarlyIsAnError) {
  const std::string text = SomeText();
  for (const std::string& archive : {Gzip(text), Zstd(text)}) {
    for (const size_t left : {size_t{4}, archive.size() / 2, archive.size() - 1}) {
      const Expanded result = Expand(archive.substr(0, left), 100);
      EXPECT_EQ(result.status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_EQ(result.status.message(), std::string("the ") + (archive[0] == '\x1F' ? "gzip" : "zstd") +
                                             " archive ends too early, after " + std::to_string(left) +
                                             " bytes: expected more, is the file complete?");
    }
  }
}

TEST(Decompressor, ADamagedArchiveIsAnError) {
  std::string archive = Gzip(SomeText());
  archive[archive.size() / 2] = static_cast<char>(archive[archive.size() / 2] ^ 0x55);
  EXPECT_EQ(Expand(archive).status.message().substr(0, 36), "the gzip archive is damaged near byt");
  archive = Gzip("a,b\n");
  archive[archive.size() - 6] ^= 1;
  EXPECT_EQ(Expand(archive).status.message(),
            "the gzip archive is damaged near byte " + std::to_string(archive.size() - 4) + ": incorrect data check");
  EXPECT_EQ(Expand(Gzip("a,b\n") + "rubbish").status.message().substr(0, 36), "the gzip archive is damaged near byt");
}

// 20 MB of zeros in 20 kB come in small pieces.
TEST(Decompressor, ABombIsExpandedInPieces) {
  const std::string zeros(size_t{20} << 20, '0');
  for (const std::string& archive : {Gzip(zeros), Zstd(zeros)}) {
    int64_t bytes = 0;
    size_t largest = 0;
    Decompressor decompressor([&](absl::string_view text) {
      bytes += static_cast<int64_t>(text.size());
      largest = std::max(largest, text.size());
      return bytes > 1'000'000 ? absl::CancelledError("enough") : absl::OkStatus();
    });
    EXPECT_EQ(decompressor.Feed(archive).message(), "enough");
    EXPECT_LE(largest, size_t{64} << 10);
    EXPECT_LE(bytes, 1'100'000);
  }
}

}  // namespace
}  // namespace roicast
