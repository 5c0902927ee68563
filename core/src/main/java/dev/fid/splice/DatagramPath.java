package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfException;
import org.jspecify.annotations.Nullable;

/// Whether datagrams can be spliced in the kernel here, and with what maps.
///
/// @param maps present where the path is available
record DatagramPath(KernelPath path, @Nullable DatagramMaps maps) implements AutoCloseable {
  /// Loads the programs, where those for streams could be.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static DatagramPath open(KernelPath streams, int capacity) {
    if (streams instanceof KernelPath.Unavailable) {
      return new DatagramPath(streams, null);
    }
    try {
      return new DatagramPath(streams, new DatagramMaps(capacity));
    } catch (BpfException e) {
      return new DatagramPath(new KernelPath.Unavailable(String.valueOf(e.getMessage())), null);
    }
  }

  @Override
  public void close() {
    if (maps != null) {
      maps.close();
    }
  }
}
