// Answers that are compressed for those who accept it (RFC 9110, section 12.5.3).
#pragma once

#include "absl/strings/string_view.h"
#include "server/transport/http/http_message.h"

namespace roicast {

// Whether the value of an Accept-Encoding header allows gzip. The only weight that matters is 0.
bool AcceptsGzip(absl::string_view accept_encoding);

// Compresses the body with gzip if the request accepts that. Takes some 10 ms for a megabyte: not for loops, unless the
// body is small.
void CompressIfAccepted(const HttpRequest& request, HttpResponse* response);

}  // namespace roicast
