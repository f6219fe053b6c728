#include "server/transport/http/http1_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using BeastError = beast::http::error;

constexpr absl::string_view kExpected = "expected a line such as GET /metrics HTTP/1.1";
constexpr char kTlsHandshake = 0x16;
// What remains of a chunked body that is not complete has at least as many bytes as its last chunk, "0\r\n\r\n". Beast
// asserts that it is not given the beginning of that chunk, and then a byte.
constexpr size_t kLastChunkBytes = 5;

absl::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// What Beast calls while it parses one request.
class BeastParser final : public beast::http::basic_parser<true> {
 public:
  BeastParser(size_t max_header_bytes, size_t max_headers)
      : max_header_bytes_(max_header_bytes), max_headers_(max_headers) {
    header_limit(static_cast<uint32_t>(max_header_bytes));
    // The limit depends on the route, which is not known yet. Boost 1.74 takes none for 0.
    body_limit(std::numeric_limits<uint64_t>::max());
    eager(false);
  }

  std::string method;
  std::string target;
  bool is_http11 = false;
  HeaderBlock headers;
  absl::string_view body;

 private:
  void on_request_impl(beast::http::verb, beast::string_view given_method, beast::string_view given_target, int version,
                       error_code&) override {
    is_http11 = version >= 11;
    method = std::string(View(given_method));
    target = std::string(View(given_target));
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     error_code& error) override {
    if (++fields_ > max_headers_) {
      error = BeastError::header_limit;
      return;
    }
    // Fields behind a chunked body are not used.
    if (is_header_done()) return;
    headers.Add(absl::AsciiStrToLower(View(name)), View(value));
    if (headers.bytes() > max_header_bytes_ + 32 * max_headers_) error = BeastError::header_limit;
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<uint64_t> const&, error_code&) override {}
  size_t on_body_impl(beast::string_view part, error_code&) override {
    body = View(part);
    return part.size();
  }
  void on_chunk_header_impl(uint64_t, beast::string_view, error_code&) override {}
  size_t on_chunk_body_impl(uint64_t, beast::string_view part, error_code&) override {
    body = View(part);
    return part.size();
  }
  void on_finish_impl(error_code&) override {}

  const size_t max_header_bytes_;
  const size_t max_headers_;
  size_t fields_ = 0;
};

// What is wrong with the beginning of a request, which Beast would say only once its headers are complete; empty:
// nothing so far.
std::string WrongBeginning(absl::string_view bytes) {
  if (bytes[0] == kTlsHandshake) return "expected HTTP without TLS on this port, got a TLS handshake";
  if (!absl::ascii_isalpha(static_cast<unsigned char>(bytes[0]))) {
    return absl::StrCat(kExpected, ", got bytes that begin with 0x",
                        absl::Hex(static_cast<unsigned char>(bytes[0]), absl::kZeroPad2));
  }
  const size_t end = bytes.find('\n');
  if (end == absl::string_view::npos) return {};
  const absl::string_view line = bytes.substr(0, end);
  if (!absl::EndsWith(line, "\r")) return "expected lines that end with CR LF, got LF alone";
  if (!absl::StrContains(line, " HTTP/")) return absl::StrCat(kExpected, ", got one without a version");
  return {};
}

// Beast's words, and what was expected where it was the first line.
std::string WrongRequest(const error_code& error) {
  const bool in_first_line =
      error == BeastError::bad_method || error == BeastError::bad_target || error == BeastError::bad_version;
  return absl::StrCat("bad request: ", error.message(), in_first_line ? absl::StrCat("; ", kExpected) : "");
}

}  // namespace

class Http1Parser::Impl {
 public:
  const size_t max_header_bytes;
  const size_t max_headers;
  std::optional<BeastParser> beast;
  bool line_checked = false;
  int error_status = 0;
  std::string error;

  Event Fail(int status, std::string why) {
    error_status = status;
    error = std::move(why);
    return Event::kError;
  }
  Event FailHeaders() {
    return Fail(431, absl::StrCat("headers: expected at most ", max_header_bytes, " bytes and ", max_headers,
                                  " fields, got more; --max_header_bytes and --max_headers change it"));
  }
};

Http1Parser::Http1Parser(size_t max_header_bytes, size_t max_headers)
    : impl_(new Impl{max_header_bytes, max_headers, {}, false, 0, {}}) {}

Http1Parser::~Http1Parser() = default;

void Http1Parser::Begin() {
  impl_->beast.emplace(impl_->max_header_bytes, impl_->max_headers);
  impl_->line_checked = false;
}

Http1Parser::Event Http1Parser::Parse(absl::string_view* bytes) {
  BeastParser& beast = *impl_->beast;
  if (beast.is_done()) return Event::kEnd;
  while (!bytes->empty()) {
    if (!impl_->line_checked) {
      if (std::string wrong = WrongBeginning(*bytes); !wrong.empty()) return impl_->Fail(400, std::move(wrong));
      impl_->line_checked = absl::StrContains(*bytes, '\n');
    }
    const bool had_headers = beast.is_header_done();
    if (had_headers && beast.chunked() && bytes->size() < kLastChunkBytes) return Event::kNeedMore;
    beast.body = {};
    error_code error;
    const size_t used = beast.put(boost::asio::const_buffer(bytes->data(), bytes->size()), error);
    bytes->remove_prefix(used);
    if (error == BeastError::need_more) {
      // Headers, but also a chunk's extensions and what follows the last chunk.
      return bytes->size() > impl_->max_header_bytes ? impl_->FailHeaders() : Event::kNeedMore;
    }
    if (error == BeastError::header_limit) return impl_->FailHeaders();
    if (error) return impl_->Fail(400, WrongRequest(error));
    if (!had_headers) return beast.is_header_done() ? Event::kHeaders : Event::kNeedMore;
    if (!beast.body.empty()) return Event::kBody;
    if (beast.is_done()) return Event::kEnd;
  }
  return Event::kNeedMore;
}

absl::string_view Http1Parser::method() const { return impl_->beast->method; }
absl::string_view Http1Parser::target() const { return impl_->beast->target; }
bool Http1Parser::is_http11() const { return impl_->beast->is_http11; }
HeaderBlock& Http1Parser::headers() { return impl_->beast->headers; }
uint64_t Http1Parser::content_length() const { return impl_->beast->content_length().value_or(0); }
bool Http1Parser::is_chunked() const { return impl_->beast->chunked(); }
bool Http1Parser::keeps_alive() const { return impl_->beast->keep_alive(); }
absl::string_view Http1Parser::body() const { return impl_->beast->body; }
int Http1Parser::error_status() const { return impl_->error_status; }
const std::string& Http1Parser::error() const { return impl_->error; }

}  // namespace roicast
