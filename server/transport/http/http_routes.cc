#include "server/transport/http/http_routes.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/one_line.h"

namespace roicast {
namespace {

constexpr size_t kMaxQuotedPathBytes = 200;

// "a, b or c".
std::string AnyOf(std::vector<std::string> words) {
  if (words.size() < 2) return absl::StrJoin(words, "");
  const std::string last = std::move(words.back());
  words.pop_back();
  return absl::StrCat(absl::StrJoin(words, ", "), " or ", last);
}

}  // namespace

void HttpRoutes::Add(absl::string_view method, absl::string_view path, HttpRoute route) {
  ROICAST_CHECK(paths_[std::string(path)].emplace(std::string(method), std::move(route)).second);
}

const HttpRoute* HttpRoutes::Find(absl::string_view method, absl::string_view path, HttpResponse* refusal) const {
  const auto methods = paths_.find(path);
  if (methods == paths_.end()) {
    std::vector<std::string> known;
    for (const auto& [name, unused] : paths_) known.push_back(name);
    *refusal = PlainText(
        404, absl::StrCat("not found: expected ", AnyOf(known), ", got ", OneLine(path, kMaxQuotedPathBytes)));
    return nullptr;
  }
  auto found = methods->second.find(method);
  if (found == methods->second.end() && method == "HEAD") found = methods->second.find(absl::string_view("GET"));
  if (found != methods->second.end()) return &found->second;
  std::vector<std::string> allowed;
  for (const auto& [name, unused] : methods->second) {
    allowed.push_back(name);
    if (name == "GET") allowed.push_back("HEAD");
  }
  *refusal =
      PlainText(405, absl::StrCat(OneLine(method, kMaxQuotedPathBytes), " is not allowed: expected ", AnyOf(allowed)));
  refusal->headers.emplace_back("allow", absl::StrJoin(allowed, ", "));
  return nullptr;
}

}  // namespace roicast
