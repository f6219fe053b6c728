#include "client/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace roicast::client {
namespace {

// The value of the first variable that is set, even if to nothing; gRPC asks no further then.
std::string FirstSet(std::initializer_list<const char*> names, std::string* variable = nullptr) {
  for (const char* name : names) {
    const char* const value = std::getenv(name);
    if (value == nullptr) continue;
    if (variable != nullptr) *variable = name;
    return value;
  }
  return "";
}

bool IsUnixSocket(absl::string_view target) {
  return absl::StartsWith(target, "unix:") || absl::StartsWith(target, "unix-abstract:");
}

// The host of "host:port", "[v6]:port" and "scheme:///host:port".
std::string HostOf(absl::string_view target) {
  for (const absl::string_view scheme : {"dns:", "ipv4:", "ipv6:"}) {
    if (!absl::ConsumePrefix(&target, scheme)) continue;
    // An authority before the path is the name server.
    if (absl::ConsumePrefix(&target, "//")) target = target.substr(std::min(target.find('/'), target.size()));
    absl::ConsumePrefix(&target, "/");
    break;
  }
  if (absl::ConsumePrefix(&target, "[")) return std::string(target.substr(0, target.find(']')));
  // More than one colon: an IPv6 address without a port.
  const size_t colon = target.find(':');
  if (colon == target.rfind(':')) target = target.substr(0, colon);
  return absl::AsciiStrToLower(target);
}

// The same suffixes as in gRPC's rule, which knows neither patterns nor networks.
bool IsExcluded(absl::string_view host) {
  const std::string excluded = FirstSet({"no_grpc_proxy", "no_proxy"});
  for (const absl::string_view entry : absl::StrSplit(excluded, ',')) {
    const absl::string_view suffix = absl::StripAsciiWhitespace(entry);
    if (!suffix.empty() && absl::EndsWithIgnoreCase(host, suffix)) return true;
  }
  return false;
}

}  // namespace

bool IsLoopback(absl::string_view target) {
  if (IsUnixSocket(target)) return true;
  std::string host = HostOf(target);
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    const uint32_t address = ntohl(v4.s_addr);
    return address >> 24 == 127 || address == INADDR_ANY;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) ||
           (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
  }
  // RFC 6761, section 6.3.
  if (absl::EndsWith(host, ".")) host.pop_back();
  return host == "localhost" || absl::EndsWith(host, ".localhost");
}

std::optional<Proxy> ProxyFor(absl::string_view target) {
  if (IsLoopback(target) || IsExcluded(HostOf(target))) return std::nullopt;
  Proxy proxy;
  proxy.value = FirstSet({"grpc_proxy", "https_proxy", "http_proxy"}, &proxy.variable);
  if (proxy.value.empty()) return std::nullopt;
  // "http://user:password@host:port".
  const size_t scheme = proxy.value.find("://");
  const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t at = proxy.value.find('@', begin);
  if (at != std::string::npos) proxy.value.erase(begin, at + 1 - begin);
  return proxy;
}

}  // namespace roicast::client
