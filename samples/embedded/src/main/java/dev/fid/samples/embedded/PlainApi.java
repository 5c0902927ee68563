package dev.fid.samples.embedded;

import dev.fid.Fid;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.pipe.PipeStats;
import dev.fid.splice.HalfClose;
import java.io.IOException;
import java.time.Duration;

/// A pipe by the plain Java API: declare, bind, start, count, drain.
public final class PlainApi {
  private PlainApi() {}

  public static void main(String[] args) throws IOException {
    try (Greeter backend = new Greeter();
        Fid fid = Fid.open()) {
      System.out.println("kernel path: " + fid.kernelPath());

      Pipe pipe =
          fid.bind(
              PipeSpec.builder("greetings")
                  .listen("tcp://127.0.0.1:0")
                  .connect(backend.uri())
                  .halfClose(HalfClose.END)
                  .build());
      pipe.start();
      System.out.println(pipe.spec().name() + " runs " + pipe.describe());

      System.out.println(Client.ask(pipe.listenAddress(), "plain API"));

      pipe.stop(Duration.ofSeconds(5)).toCompletableFuture().join();
      PipeStats stats = pipe.stats();
      System.out.println(
          "connections: " + (stats.spliced() + stats.relayed()) + ", live: " + stats.live());
      System.out.println(
          "bytes upstream: "
              + stats.upstream().bytes()
              + ", downstream: "
              + stats.downstream().bytes());
    }
  }
}
