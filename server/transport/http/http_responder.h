// Where the answer to a request goes.
#pragma once

#include <memory>

#include "server/transport/http/http_message.h"

namespace roicast {

class HttpExchange;

// Copies refer to the same request. If the last one goes without an answer, the request is answered with 500.
// Thread-safe; its server has to be there.
class HttpResponder {
 public:
  explicit HttpResponder(std::shared_ptr<HttpExchange> exchange);

  // The first answer counts.
  void Answer(HttpResponse response) const;
  // The answer's stream has something to say again.
  void Resume() const;
  // Nobody waits for the answer any more.
  bool gone() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace roicast
