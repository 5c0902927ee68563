package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfException;
import dev.fid.bpf.KernelVersion;
import dev.fid.os.OsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Whether datagrams can be spliced in the kernel here, and with what maps.
///
/// @param maps present where the path is available
/// @param queue how many datagrams may wait at a UNIX socket that is opened now
record DatagramPath(KernelPath path, @Nullable DatagramMaps maps, int queue)
    implements AutoCloseable {
  private static final Path QUEUE = Path.of("/proc/sys/net/unix/max_dgram_qlen");

  /// A backlog worker that finds a receiver's queue full looks again a jiffy later, and fills it at
  /// once: at 250 Hz, 64,000 datagrams a second from a queue of this length.
  private static final int SHORTEST_QUEUE = 256;

  /// Loads the programs, where those for streams could be.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static DatagramPath open(KernelPath streams, int capacity) {
    int queue = readQueue();
    if (streams instanceof KernelPath.Unavailable) {
      return new DatagramPath(streams, null, queue);
    }
    try {
      return new DatagramPath(streams, new DatagramMaps(capacity), queue);
    } catch (BpfException | OsException e) {
      return new DatagramPath(
          new KernelPath.Unavailable(String.valueOf(e.getMessage())), null, queue);
    }
  }

  /// By lines, whose reader asks for a whole buffer: /proc/sys answers the first read and no other.
  private static int readQueue() {
    try {
      return Integer.parseInt(Files.readAllLines(QUEUE).getFirst().strip());
    } catch (IOException | NumberFormatException e) {
      return Integer.MAX_VALUE;
    }
  }

  /// Where a lane between these families runs, one of which is of datagrams.
  LanePlan plan(Family source, Family target, HalfClose halfClose, @Nullable Framing framing) {
    LanePlan plan = LanePlan.choose(path, source, target, halfClose);
    if (maps != null && !source.isDatagram()) {
      plan = LanePlan.cut(source, target, framing, KernelVersion.running(), maps.noParser());
    }
    return plan.inKernel() && target == Family.UNIX_DATAGRAM && queue < SHORTEST_QUEUE
        ? new LanePlan.Relayed(
            ("net.unix.max_dgram_qlen is %d, and a lane in the kernel gives a UNIX socket so many"
                    + " datagrams a timer tick: set it to 512, as systemd does")
                .formatted(queue))
        : plan;
  }

  @Override
  public void close() {
    if (maps != null) {
      maps.close();
    }
  }
}
