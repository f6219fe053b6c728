// Predicts as clients in Java do: `java Client.java DESCRIPTORS`, ROICAST_PORT. The checks of python_client.py, without
// generated code.

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

public final class Client {
  private static final Map<String, FileDescriptor> FILES = new HashMap<>();

  private static Descriptor type(String name) {
    for (FileDescriptor file : FILES.values()) {
      for (Descriptor found : file.getMessageTypes()) {
        if (found.getFullName().equals(name)) return found;
      }
    }
    throw new IllegalArgumentException(name);
  }

  private static DynamicMessage message(String name, Object... fields) {
    Descriptor of = type("roicast.v1." + name);
    DynamicMessage.Builder builder = DynamicMessage.newBuilder(of);
    for (int i = 0; i < fields.length; i += 2) builder.setField(of.findFieldByName((String) fields[i]), fields[i + 1]);
    return builder.build();
  }

  private static Object get(Message message, String field) {
    FieldDescriptor found = message.getDescriptorForType().findFieldByName(field);
    return message.getField(found);
  }

  private static MethodDescriptor<DynamicMessage, DynamicMessage> method(
      MethodType kind, String name, Descriptor request, Descriptor response) {
    return MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
        .setType(kind)
        .setFullMethodName(name)
        .setRequestMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(request)))
        .setResponseMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(response)))
        .build();
  }

  private static CallOptions soon() {
    return CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private static DynamicMessage call(Channel channel, String name, DynamicMessage request, CallOptions options) {
    return ClientCalls.blockingUnaryCall(channel,
        method(MethodType.UNARY, "roicast.v1.PredictionService/" + name, request.getDescriptorForType(),
            type("roicast.v1." + name + "Response")),
        options, request);
  }

  private static StatusRuntimeException failure(Runnable run) {
    try {
      run.run();
    } catch (StatusRuntimeException error) {
      return error;
    }
    throw new AssertionError("expected an error");
  }

  private static void expect(boolean holds, Object got) {
    if (!holds) throw new AssertionError(String.valueOf(got));
  }

  private static void ok(String name) {
    System.out.println("ok " + name);
  }

  private static DynamicMessage item(DynamicMessage predict) {
    return message("StreamPredictRequest", "predict", predict);
  }

  // Sends the requests, and ends the stream unless it is to stay open. Completes with the stream's end.
  private static CompletableFuture<Status> stream(
      Channel channel, CallOptions options, List<DynamicMessage> requests, boolean stay,
      List<DynamicMessage> answers, Consumer<ClientCall<?, ?>> onAnswer) {
    ClientCall<DynamicMessage, DynamicMessage> call = channel.newCall(
        method(MethodType.BIDI_STREAMING, "roicast.v1.PredictionService/StreamPredict",
            type("roicast.v1.StreamPredictRequest"), type("roicast.v1.StreamPredictResponse")), options);
    CompletableFuture<Status> end = new CompletableFuture<>();
    call.start(new ClientCall.Listener<DynamicMessage>() {
      @Override
      public void onMessage(DynamicMessage answer) {
        answers.add(answer);
        onAnswer.accept(call);
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        end.complete(status);
      }
    }, new Metadata());
    call.request(Integer.MAX_VALUE);
    for (DynamicMessage request : requests) call.sendMessage(request);
    if (!stay) call.halfClose();
    return end;
  }

  private static Object code(DynamicMessage answer) {
    return get((Message) get(answer, "status"), "code");
  }

  public static void main(String[] arguments) throws Exception {
    for (FileDescriptorProto file : FileDescriptorSet.parseFrom(Files.readAllBytes(Path.of(arguments[0])))
        .getFileList()) {
      FileDescriptor[] needs = file.getDependencyList().stream().map(FILES::get).toArray(FileDescriptor[]::new);
      FILES.put(file.getName(), FileDescriptor.buildFrom(file, needs));
    }
    ManagedChannel channel = NettyChannelBuilder
        .forAddress("127.0.0.1", Integer.parseInt(System.getenv("ROICAST_PORT"))).usePlaintext().build();
    DynamicMessage campaign = message("Campaign", "channel", "search", "device", "mobile", "price", 30.0, "spend", 500.0,
        "audience_size", 10000.0);
    DynamicMessage request = message("PredictRequest", "campaign", campaign);
    DynamicMessage wrong = message("PredictRequest", "campaign", message("Campaign", "spend", -5.0));

    float roi = (Float) get(call(channel, "Predict", request, soon()), "roi");
    expect(roi > -1 && roi < 3, roi);
    ok("predict");

    StatusRuntimeException error = failure(() -> call(channel, "Predict", wrong, soon()));
    expect(error.getStatus().getCode() == Status.Code.INVALID_ARGUMENT && error.getMessage().contains("spend"), error);
    ok("invalid_argument");

    error = failure(() -> call(channel, "Predict",
        message("PredictRequest", "model", message("ModelRef", "name", "nobody"), "campaign", campaign), soon()));
    expect(error.getStatus().getCode() == Status.Code.NOT_FOUND, error);
    ErrorInfo info = StatusProto.fromThrowable(error).getDetails(0).unpack(ErrorInfo.class);
    expect(info.getReason().equals("MODEL_NOT_FOUND"), info);
    ok("details");

    DynamicMessage batch = message("BatchPredictRequest", "campaigns",
        message("CampaignList", "campaigns", Collections.nCopies(1000, campaign)));
    List<?> rois = (List<?>) get(call(channel, "BatchPredict", batch, soon()), "roi");
    expect(rois.size() == 1000, rois.size());
    for (Object one : rois) expect(Math.abs((Float) one - roi) < 1e-5, one);
    ok("batch");

    expect(get(call(channel, "BatchPredict", batch, soon().withCompression("gzip")), "roi").equals(rois), "gzip");
    ok("compressed");

    List<DynamicMessage> answers = Collections.synchronizedList(new ArrayList<>());
    Status end = stream(channel, soon(), Collections.nCopies(200, item(request)), false, answers, call -> {})
        .get(20, TimeUnit.SECONDS);
    expect(end.isOk() && answers.size() == 200, end);
    for (DynamicMessage one : answers) expect(get((Message) get(one, "predict"), "roi").equals(roi), one);
    ok("stream");

    answers.clear();
    stream(channel, soon(), List.of(item(request), item(wrong), item(request)), false, answers, call -> {})
        .get(20, TimeUnit.SECONDS);
    expect(answers.size() == 3 && code(answers.get(0)).equals(0) && code(answers.get(2)).equals(0), answers);
    expect(code(answers.get(1)).equals(Status.Code.INVALID_ARGUMENT.value()), answers.get(1));
    ok("stream_item_error");

    end = stream(channel, CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS), List.of(item(request)),
        true, answers, call -> {}).get(20, TimeUnit.SECONDS);
    expect(end.getCode() == Status.Code.DEADLINE_EXCEEDED, end);
    ok("deadline");

    end = stream(channel, CallOptions.DEFAULT, List.of(item(request)), true, answers,
        call -> call.cancel("enough", null)).get(20, TimeUnit.SECONDS);
    expect(end.getCode() == Status.Code.CANCELLED, end);
    expect(get(call(channel, "Predict", request, soon()), "roi").equals(roi), "after the cancelled stream");
    ok("cancel");

    Descriptor unknown = type("roicast.v1.PredictRequest");
    error = failure(() -> ClientCalls.blockingUnaryCall(channel,
        method(MethodType.UNARY, "roicast.v1.PredictionService/NoSuchMethod", unknown, unknown), soon(), request));
    expect(error.getStatus().getCode() == Status.Code.UNIMPLEMENTED, error);
    ok("unimplemented");

    Descriptor check = type("grpc.health.v1.HealthCheckRequest");
    Message health = ClientCalls.blockingUnaryCall(channel,
        method(MethodType.UNARY, "grpc.health.v1.Health/Check", check, type("grpc.health.v1.HealthCheckResponse")), soon(),
        DynamicMessage.getDefaultInstance(check));
    expect(((EnumValueDescriptor) get(health, "status")).getName().equals("SERVING"), health);
    ok("health");

    DynamicMessage large = message("BatchPredictRequest", "campaigns",
        message("CampaignList", "campaigns", Collections.nCopies(60000, campaign)));
    expect(((List<?>) get(call(channel, "BatchPredict", large, soon()), "roi")).size() == 60000, "rows");
    ok("large_batch");
    channel.shutdownNow();
  }
}
