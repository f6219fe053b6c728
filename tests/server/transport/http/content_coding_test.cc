#include "server/transport/http/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

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

TEST(CompressIfAccepted, CompressesForThoseWhoAcceptIt) {
  HttpRequest request;
  HttpResponse response;
  const std::string text(10000, 'a');
  response.body = text;
  CompressIfAccepted(request, &response);
  EXPECT_EQ(response.body, text);
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "vary");

  request.headers.Add("accept-encoding", "gzip");
  response.headers.clear();
  CompressIfAccepted(request, &response);
  ASSERT_EQ(response.headers.size(), 2U);
  EXPECT_EQ(response.headers[1].second, "gzip");
  EXPECT_LT(response.body.size(), 200U);
  std::string out(20000, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(response.body.data());
  stream.avail_in = static_cast<uInt>(response.body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(out, text);
}

}  // namespace
}  // namespace roicast
