#include "server/services/reflection/reflection_service.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

// The name of a file, a type or a method. Requests are parsed on the threads that answer predictions.
constexpr size_t kMaxRequestBytes = size_t{4} << 10;

void SetError(const absl::Status& error, ServerReflectionResponse* response) {
  response->mutable_error_response()->set_error_code(error.raw_code());
  response->mutable_error_response()->set_error_message(std::string(error.message()));
}

void SetExtensionNumbers(const std::string& type, ServerReflectionResponse* response) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  const Descriptor* const message = pool.FindMessageTypeByName(type);
  if (message == nullptr) {
    SetError(absl::NotFoundError(absl::StrCat("no message \"", type, "\"")), response);
    return;
  }
  response->mutable_all_extension_numbers_response()->set_base_type_name(type);
  std::vector<const FieldDescriptor*> extensions;
  pool.FindAllExtensions(message, &extensions);
  for (const FieldDescriptor* const extension : extensions) {
    response->mutable_all_extension_numbers_response()->add_extension_number(extension->number());
  }
}

const FileDescriptor* FileOfExtension(const grpc::reflection::v1::ExtensionRequest& request) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  const Descriptor* const message = pool.FindMessageTypeByName(request.containing_type());
  if (message == nullptr) return nullptr;
  const FieldDescriptor* const extension = pool.FindExtensionByNumber(message, request.extension_number());
  return extension == nullptr ? nullptr : extension->file();
}

StreamMethod::Options Options(const CallOptions& calls) {
  StreamMethod::Options options;
  options.call = WithRequestLimit(calls, kMaxRequestBytes);
  return options;
}

}  // namespace

ReflectionService::ReflectionService(std::vector<std::string> services, const CallOptions& calls, GrpcRequests* grpc,
                                     LoopThreads* loops)
    : services_(std::move(services)),
      method_(&handler_, loops, Options(calls)),
      method_alpha_(&handler_, loops, Options(calls)) {
  services_.push_back("grpc.reflection.v1.ServerReflection");
  services_.push_back("grpc.reflection.v1alpha.ServerReflection");
  std::sort(services_.begin(), services_.end());
  grpc->Add("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", &method_);
  grpc->Add("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &method_alpha_);
}

const std::string& ReflectionService::Serialized(const FileDescriptor* file) const {
  absl::MutexLock lock(&mutex_);
  std::string& bytes = serialized_[file];
  if (bytes.empty()) {
    google::protobuf::FileDescriptorProto proto;
    file->CopyTo(&proto);
    // Or clients show JSON under the names of the fields.
    file->CopyJsonNameTo(&proto);
    bytes = proto.SerializeAsString();
  }
  return bytes;  // It stays as it is.
}

void ReflectionService::AddFiles(const FileDescriptor* file, std::set<const FileDescriptor*>& added,
                                 ServerReflectionResponse* response) const {
  if (!added.insert(file).second) return;
  response->mutable_file_descriptor_response()->add_file_descriptor_proto(Serialized(file));
  for (int i = 0; i < file->dependency_count(); ++i) AddFiles(file->dependency(i), added, response);
}

void ReflectionService::SetFile(const FileDescriptor* file, absl::string_view kind, const std::string& name,
                                ServerReflectionResponse* response) const {
  if (file == nullptr) {
    SetError(absl::NotFoundError(absl::StrCat("no ", kind, " \"", name, "\"")), response);
    return;
  }
  std::set<const FileDescriptor*> added;
  AddFiles(file, added, response);
}

ServerReflectionResponse ReflectionService::Answer(const ServerReflectionRequest& request) const {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      SetFile(pool.FindFileByName(request.file_by_filename()), "file", request.file_by_filename(), &response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      SetFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), "symbol",
              request.file_containing_symbol(), &response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      SetFile(FileOfExtension(request.file_containing_extension()), "extension of",
              request.file_containing_extension().containing_type(), &response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      SetExtensionNumbers(request.all_extension_numbers_of_type(), &response);
      break;
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : services_) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      SetError(absl::InvalidArgumentError("message_request: expected one, got none"), &response);
      break;
  }
  return response;
}

void ReflectionService::Handler::Handle(StreamItem& item) {
  ServerReflectionRequest request;
  if (!request.ParseFromArray(item.request().data(), static_cast<int>(item.request().size()))) {
    Refuse(item, absl::InvalidArgumentError("the bytes are not a ServerReflectionRequest"));
    return;
  }
  item.Answer(service_.Answer(request).SerializeAsString());
}

void ReflectionService::Handler::Refuse(StreamItem& item, const absl::Status& why) {
  ServerReflectionResponse response;
  SetError(why, &response);
  item.Answer(response.SerializeAsString());
}

}  // namespace roicast
