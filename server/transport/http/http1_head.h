// The head of an answer as HTTP/1.1 writes it: the status line and the headers.
#pragma once

#include <string>

#include "server/transport/http/http_message.h"

namespace roicast {

// How the answer travels.
struct Http1Framing {
  // Of the client's request. HTTP/1.0 knows no chunks.
  bool is_http11 = true;
  // The connection stays open.
  bool keep_alive = true;
};

// Appends the head with its empty line.
void AppendHttp1Head(const HttpResponse& response, const Http1Framing& framing, std::string* to);

}  // namespace roicast
