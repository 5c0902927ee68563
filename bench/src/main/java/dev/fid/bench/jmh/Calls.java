package dev.fid.bench.jmh;

import dev.fid.bpf.BpfException;
import dev.fid.bpf.BpfHash;
import dev.fid.bpf.BpfObject;
import dev.fid.bpf.BpfSpec;
import dev.fid.os.Fds;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// System calls as Fid makes them: through Panama, errno captured.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings({"NullAway.Init", "MustBeClosedChecker"}) // JMH sets up and tears down
public class Calls {
  private static final long KEY = 1;

  private BpfObject object;
  private BpfHash slots;

  @Setup
  public void open() throws BpfException {
    object = BpfSpec.resource("splice").load();
    slots = object.hash("slots");
  }

  @TearDown
  public void close() {
    object.close();
  }

  /// The cheapest call: close(2) of what is no descriptor.
  @Benchmark
  public int downcall() {
    return Fds.close(-1);
  }

  @Benchmark
  public int mapUpdate() {
    return slots.put(KEY, 1);
  }
}
