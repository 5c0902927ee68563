package dev.fid.bench.jmh;

import dev.fid.bpf.AttachType;
import dev.fid.bpf.BpfException;
import dev.fid.bpf.BpfHash;
import dev.fid.bpf.BpfObject;
import dev.fid.bpf.BpfSpec;
import dev.fid.bpf.SockHash;
import dev.fid.os.OsException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The map operations of a splice's life: two lanes into three maps, and out again.
///
/// Each time with new sockets: the kernel takes a socket that has just left only after a while
/// (EBUSY: `sock_map_psock_get_checked` finds a psock that is being destroyed).
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings({"NullAway.Init", "MustBeClosedChecker"}) // JMH sets up and tears down
public class MapsOfASplice {
  private static final long UP = 1;
  private static final long DOWN = 2;

  private BpfObject object;
  private BpfHash slots;
  private SockHash sources;
  private SockHash targets;
  private Connected client;
  private Connected backEnd;

  @Setup(Level.Trial)
  public void load() throws BpfException {
    object =
        BpfSpec.resource("splice")
            .withMaxEntries("slots", 2)
            .withMaxEntries("sources", 2)
            .withMaxEntries("targets", 2)
            .load();
    slots = object.hash("slots");
    sources = object.sockHash("sources");
    targets = object.sockHash("targets");
    object.program("splice_verdict").attach(sources, AttachType.SK_SKB_VERDICT);
  }

  @TearDown(Level.Trial)
  public void unload() {
    object.close();
  }

  @Setup(Level.Invocation)
  public void connect() throws OsException {
    client = Connected.open();
    backEnd = Connected.open();
  }

  @TearDown(Level.Invocation)
  public void disconnect() {
    client.close();
    backEnd.close();
  }

  @Benchmark
  public void enrolAndEvict() {
    check("slots.put", slots.put(UP, 0), slots.put(DOWN, 1));
    check(
        "targets.enrol", targets.enrol(UP, backEnd.server()), targets.enrol(DOWN, client.server()));
    check(
        "sources.enrol", sources.enrol(UP, client.server()), sources.enrol(DOWN, backEnd.server()));
    check("sources.evict", sources.evict(UP), sources.evict(DOWN));
    check("targets.evict", targets.evict(UP), targets.evict(DOWN));
    check("slots.remove", slots.remove(UP), slots.remove(DOWN));
  }

  private static void check(String operation, int first, int second) {
    if (first != 0 || second != 0) {
      throw new IllegalStateException(operation + ": " + first + ", " + second);
    }
  }
}
