#include "server/services/probes/metrics_page.h"

#include "prometheus/text_serializer.h"
#include "server/transport/http/content_coding.h"

namespace roicast {

HttpResponse MetricsPage::Answer(const HttpRequest& request, Clock::time_point asked) {
  if (asked >= collected_) {
    collected_ = Clock::now();
    text_ = prometheus::TextSerializer().Serialize(metrics_.Collect());
    compressed_.clear();
  }
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  if (!AcceptsGzip(request.headers.Find("accept-encoding")) || compressed_.empty()) {
    response.body = text_;
    if (CompressIfAccepted(request, &response)) compressed_ = response.body;
  } else {
    response.body = compressed_;
    SayCompressed(&response);
  }
  return response;
}

}  // namespace roicast
