#include "server/transport/http/http_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class HttpRoutesTest : public ::testing::Test {
 protected:
  HttpRoutesTest() {
    routes_.Add("GET", "/metrics", {.handler = {}, .max_body_bytes = 1});
    routes_.Add("GET", "/models", {.handler = {}, .max_body_bytes = 2});
    routes_.Add("POST", "/models", {.handler = {}, .max_body_bytes = 3});
  }
  size_t Find(const std::string& method, const std::string& path) {
    const HttpRoute* const route = routes_.Find(method, path, &refusal_);
    return route == nullptr ? 0 : route->max_body_bytes;
  }

  HttpRoutes routes_;
  HttpResponse refusal_;
};

TEST_F(HttpRoutesTest, PathAndMethodChoose) {
  EXPECT_EQ(Find("GET", "/metrics"), 1U);
  EXPECT_EQ(Find("GET", "/models"), 2U);
  EXPECT_EQ(Find("POST", "/models"), 3U);
}

TEST_F(HttpRoutesTest, HeadGoesWhereGetGoes) {
  EXPECT_EQ(Find("HEAD", "/metrics"), 1U);
  EXPECT_EQ(Find("HEAD", "/models"), 2U);
}

TEST_F(HttpRoutesTest, AnUnknownPathIs404WithThePathsThereAre) {
  EXPECT_EQ(Find("GET", "/metrics/"), 0U);
  EXPECT_EQ(refusal_.status, 404);
  EXPECT_EQ(refusal_.body, "not found: expected /metrics or /models, got /metrics/\n");
}

TEST_F(HttpRoutesTest, AnotherMethodIs405WithThoseThatAreAllowed) {
  EXPECT_EQ(Find("DELETE", "/models"), 0U);
  EXPECT_EQ(refusal_.status, 405);
  EXPECT_EQ(refusal_.body, "DELETE is not allowed: expected GET, HEAD or POST\n");
  EXPECT_THAT(refusal_.headers, ElementsAre(Pair("allow", "GET, HEAD, POST")));
}

TEST(SplitTarget, TakesPathsAndWholeAddresses) {
  const auto split = [](absl::string_view target) {
    std::string path, query;
    SplitTarget(target, &path, &query);
    return path + " " + query;
  };
  EXPECT_EQ(split("/a/b?c=d?e"), "/a/b c=d?e");
  EXPECT_EQ(split("/"), "/ ");
  EXPECT_EQ(split("http://host:80/a?b"), "/a b");
  EXPECT_EQ(split("http://host"), "/ ");
  EXPECT_EQ(split("http://host?q"), "/ q");
  EXPECT_EQ(split("*"), "* ");
}

}  // namespace
}  // namespace roicast
