#include "server/transport/http/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>
#include <string>

namespace roicast {
namespace {

TEST(AcceptsGzip, ByNameAndWeight) {
  for (const char* const accepted : {"gzip", "deflate, GZip;q=0.5", "br;q=1.0 , gzip ; q=1"}) {
    EXPECT_TRUE(AcceptsGzip(accepted)) << accepted;
  }
  for (const char* const refused : {"identity", "gzip;q=0", "x-gzip-not", ""}) {
    EXPECT_FALSE(AcceptsGzip(refused)) << refused;
  }
}

TEST(Gzip, IsShorterAndWhatItWas) {
  const std::string text(10000, 'a');
  std::optional<std::string> compressed = Gzip(text);
  ASSERT_TRUE(compressed.has_value());
  EXPECT_LT(compressed->size(), 200U);
  std::string out(20000, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(compressed->data());
  stream.avail_in = static_cast<uInt>(compressed->size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(out, text);
}

}  // namespace
}  // namespace roicast
