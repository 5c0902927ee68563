package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfObject;
import dev.fid.bpf.CgroupLink;
import dev.fid.bpf.SkStorage;
import dev.fid.os.Cgroup;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Lets the kernel pause TCP sources whose target's backlog is at its limit.
///
/// A program that runs for the segments of a TCP source takes it out of its map: what its sender
/// still sends is queued as for any socket, until the window closes. Where the program cannot be
/// attached, and for sockets that another cgroup made, the gate shuts instead, and the pump copies.
final class Pausing implements AutoCloseable {
  private final SkStorage pausable;
  private final @Nullable CgroupLink link;
  private final String refusal;

  private Pausing(SkStorage pausable, @Nullable CgroupLink link, String refusal) {
    this.pausable = pausable;
    this.link = link;
    this.refusal = refusal;
  }

  /// Attaches the program to the cgroup of this process, or finds out why that cannot be.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static Pausing attach(BpfObject object) {
    SkStorage pausable = object.skStorage("pausable");
    try {
      return new Pausing(pausable, object.program("pause_source").attach(Cgroup.own()), "");
    } catch (IOException e) {
      return new Pausing(pausable, null, String.valueOf(e.getMessage()));
    }
  }

  /// Why no source can be paused; empty where they can.
  String refusal() {
    return refusal;
  }

  /// What the verdict program must know of a source of these flags.
  int laneFlags(int flags) {
    return link != null && (flags & LaneLayout.FLAG_TCP) != 0
        ? flags | LaneLayout.FLAG_PAUSABLE
        : flags;
  }

  /// Has the program run for this TCP socket once it is connected, and for those that it accepts.
  void allow(int fd) {
    if (link != null) {
      pausable.put(fd, 1);
    }
  }

  @Override
  public void close() {
    if (link != null) {
      link.close();
    }
  }
}
