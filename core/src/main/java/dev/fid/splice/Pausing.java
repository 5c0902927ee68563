package dev.fid.splice;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.bpf.BpfHash;
import dev.fid.bpf.BpfObject;
import dev.fid.bpf.CgroupLink;
import dev.fid.os.Cgroup;
import dev.fid.os.Errno;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the kernel pause TCP sources whose target's backlog is at its limit.
///
/// A program that runs for the segments of a TCP source takes it out of its map: what its sender
/// still sends is queued as for any socket, until the window closes. Where the program cannot be
/// attached, and for sockets that another cgroup made, the gate shuts instead, and the pump copies.
final class Pausing implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pausing.class);

  /// The most that a paused source queues, overhead included: with what its target and their peers
  /// hold, a sender whose reader has stopped is stopped within 64 MiB.
  static final int RECEIVE_BUFFER = 16 << 20;

  private static final Path TCP_RMEM = Path.of("/proc/sys/net/ipv4/tcp_rmem");

  private final BpfHash ports;
  private final @Nullable CgroupLink link;
  private final String refusal;
  private final boolean boundsBuffers;

  private Pausing(BpfHash ports, @Nullable CgroupLink link, String refusal) {
    this.ports = ports;
    this.link = link;
    this.refusal = refusal;
    boundsBuffers = largestReceiveBuffer() > RECEIVE_BUFFER;
  }

  /// Attaches the program to the cgroup of this process, or finds out why that cannot be.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // closed by close()
  static Pausing attach(BpfObject object) {
    BpfHash ports = object.hash("pausable_ports");
    try {
      return new Pausing(ports, object.program("pause_source").attach(Cgroup.own()), "");
    } catch (IOException e) {
      return new Pausing(ports, null, String.valueOf(e.getMessage()));
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

  /// Has the program run for the TCP connections that are accepted on this port, or made to it,
  /// from now on. Those of others in this process are among them, and have no lane.
  void allow(int port) {
    if (link != null) {
      int result = ports.put(port, 1);
      if (result < 0) { // no memory: the gate shuts instead
        LOG.warn("connections of TCP port {} cannot be paused: {}", port, Errno.name(-result));
      }
    }
  }

  /// Bounds what this TCP socket, which is not yet connected, queues while it is paused; and those
  /// that it accepts.
  void bound(int fd) {
    if (boundsBuffers) {
      // Where CAP_NET_ADMIN is missing the kernel's own bound holds.
      var _ = Sockets.forceReceiveBuffer(fd, RECEIVE_BUFFER);
    }
  }

  /// Up to where the kernel lets a receive buffer grow, bytes: the third number of `tcp_rmem`.
  private static long largestReceiveBuffer() {
    try {
      // By lines: /proc/sys answers the first read only, and readString asks for one byte first.
      List<String> sizes = List.of(Files.readAllLines(TCP_RMEM).getFirst().strip().split("\\s+"));
      return Long.parseLong(sizes.getLast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (link != null) {
      link.close();
    }
  }
}
