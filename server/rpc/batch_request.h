// A BatchPredictRequest as read from the wire. Numbers go from the transport's pieces straight into arrays that a
// thread keeps from one request to the next; generated code would copy them twice and fault in fresh memory each time.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast {

// Memory that is used again and is not cleared in between.
template <typename T>
class Scratch {
 public:
  // Room for `size` values, which may be anything; what was there is lost.
  T* Resize(size_t size) {
    if (size > capacity_) {
      data_ = std::make_unique_for_overwrite<T[]>(size);
      capacity_ = size;
    }
    size_ = size;
    return data_.get();
  }
  // Gives memory beyond `values` back.
  void ShrinkTo(size_t values) {
    if (capacity_ <= values) return;
    data_.reset();
    capacity_ = size_ = 0;
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }
  absl::Span<const T> span() const { return {data_.get(), size_}; }
  absl::Span<T> mutable_span() { return {data_.get(), size_}; }

 private:
  std::unique_ptr<T[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

struct BatchColumn {
  enum class Values { kNone, kFloats, kDoubles, kCategories, kTimes };
  std::string name;
  Values kind = Values::kNone;
  Scratch<float> floats;
  Scratch<double> doubles;
  Scratch<int32_t> codes;
  std::vector<std::string> dictionary;
  Scratch<int64_t> times;

  int64_t size() const;
};

// Not thread-safe; meant to be kept by a thread.
class BatchRequest {
 public:
  enum class Input { kNone, kColumns, kMatrix, kCampaigns };

  // Replaces what was read before. Errors: InvalidArgument where the bytes are not a BatchPredictRequest,
  // ResourceExhausted where a column is so much longer than max_rows that reading it would waste memory.
  absl::Status Read(grpc::ByteBuffer& bytes, int64_t max_rows);
  // The same for the StreamPredictRequest around it. False: the item is something else, or is not written as libraries
  // write it, and has to be parsed as a message.
  absl::StatusOr<bool> ReadStreamItem(grpc::ByteBuffer& bytes, int64_t max_rows);
  // As Read, for a request that was already parsed.
  void Take(const v1::BatchPredictRequest& request);

  // Gives back memory beyond a few megabytes.
  void Trim();

  std::string model;
  int64_t version = 0;
  int32_t max_issues = 0;
  Input input = Input::kNone;
  // kColumns. The columns' memory outlives the request; column_count of them count.
  std::vector<BatchColumn> columns;
  size_t column_count = 0;
  // kMatrix.
  Scratch<float> values;
  int64_t rows = 0;
  std::string schema_digest;
  // kCampaigns.
  v1::CampaignList campaigns;

 private:
  void Clear();
  BatchColumn& AddColumn();
  absl::StatusOr<bool> ReadFast(grpc::ByteBuffer& bytes, int64_t max_rows, bool in_stream_item);
};

}  // namespace roicast
