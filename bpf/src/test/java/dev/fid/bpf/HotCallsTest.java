package dev.fid.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Allocations;
import dev.fid.os.Errno;
import dev.fid.os.OwnJvm;
import dev.fid.os.SocketPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/// What a splice engine calls all the time puts nothing on the heap, and what it closes is closed.
@RequiresBpf
class HotCallsTest {
  @Test
  void callsAllocateNothing() throws Exception {
    OwnJvm.run(Calls.class);
  }

  /// What a splice engine calls all the time.
  static final class Calls {
    public static void main(String[] args) throws Exception {
      try (var object = BpfSpec.resource("splice").withMaxEntries("sources", 8).load();
          var pair = SocketPair.tcp();
          var query = object.program("query_backlogs").testRun(32);
          var ring = object.ringBuffer("closings")) {
        var sources = object.sockHash("sources");
        var slots = object.hash("slots");
        Map<String, LongSupplier> calls =
            Map.of(
                "enrol", () -> 1 + sources.enrol(1, pair.client()),
                "socketCookie", () -> sources.socketCookie(1),
                "evict", () -> sources.evict(2),
                "put", () -> 1 + slots.put(1, 2),
                "remove", () -> slots.remove(2),
                "drain", () -> 1 + ring.drain(_ -> {}),
                "run", () -> 1 + run(query));
        calls.forEach((call, code) -> assertThat(Allocations.least(code)).as(call).isZero());
      }
    }
  }

  @Test
  void descriptorsAreGivenBack() throws Exception {
    loadAndFail(); // opens what the process keeps, such as the folder of /proc
    long before = descriptors();
    for (int i = 0; i < 10; i++) {
      loadAndFail();
      assertThat(KernelFeature.UNIX_ENROL.probe()).isNotNull();
      try (var object = BpfSpec.resource("splice").load();
          var ring = object.ringBuffer("closings")) {
        assertThat(ring.fd()).isPositive();
        assertThat(descriptors()).isGreaterThan(before);
      }
    }
    assertThat(descriptors()).isEqualTo(before);
  }

  private static int run(TestRun query) {
    try {
      return query.run(32);
    } catch (BpfException e) {
      return -e.errno();
    }
  }

  private static void loadAndFail() {
    try (var object = BpfSpec.resource("refused").load()) {
      object.program("loaded");
    } catch (BpfException e) {
      assertThat(e.errno()).isEqualTo(Errno.EACCES);
    }
  }

  private static long descriptors() throws IOException {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
