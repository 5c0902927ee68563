package dev.fid.splice;

import dev.fid.bpf.KernelVersion;
import org.jspecify.annotations.Nullable;

/// Where a lane runs.
public sealed interface LanePlan {
  /// Redirected in the kernel.
  record InKernel() implements LanePlan {
    @Override
    public String toString() {
      return "in kernel";
    }
  }

  /// Moved by user space.
  ///
  /// @param reason why the kernel cannot carry it, or not safely
  record Relayed(String reason) implements LanePlan {
    @Override
    public String toString() {
      return "relayed: " + reason;
    }
  }

  /// Decides for one direction; the families are those of its source and its target.
  static LanePlan choose(KernelPath kernel, Family source, Family target, HalfClose halfClose) {
    return switch (kernel) {
      case KernelPath.Unavailable unavailable -> new Relayed(unavailable.reason());
      case KernelPath.Available _
          when target == Family.UNIX_STREAM && halfClose == HalfClose.KEEP ->
          intoUnix();
      case KernelPath.Available _ -> new InKernel();
    };
  }

  /// unix_shutdown() takes the *other* end out of its sockmaps, and with it what waits there
  /// (sock_map_unhash).
  private static LanePlan intoUnix() {
    return new Relayed(
        "a UNIX peer that half-closes would lose what is on its way to it (half_close: keep)");
  }

  /// From this version on a vsock skb of 64 KiB is in pieces (virtio_vsock_alloc_skb).
  KernelVersion VSOCK_IN_PIECES = new KernelVersion(6, 17, 0);

  /// Decides for a stream that becomes datagrams, which the kernel could carry otherwise.
  ///
  /// @param noParser why the kernel has no stream parser; empty where it has
  static LanePlan cut(
      Family source,
      Family target,
      @Nullable Framing framing,
      KernelVersion kernel,
      String noParser) {
    if (source == Family.TCP && !noParser.isEmpty()) {
      return new Relayed(noParser);
    }
    if (framing != Framing.NONE && source != Family.TCP) {
      return new Relayed("the kernel has a parser for lengths in TCP streams only");
    }
    if (source == Family.VSOCK && target == Family.UDP && kernel.compareTo(VSOCK_IN_PIECES) < 0) {
      return new Relayed(
          "before Linux 6.17 a vsock skb of 64 KiB is in one piece, and UDP takes no datagram so"
              + " long");
    }
    return new InKernel();
  }

  /// Decides for one direction of a session; `source` and `target` share their socket with others
  /// or are null.
  static LanePlan shared(LanePlan otherwise, @Nullable Shared source, @Nullable Shared target) {
    if (source instanceof Shared.Sender) {
      return new Relayed("a sender that has an address is answered, and so relayed");
    }
    return target == null ? otherwise : answers();
  }

  /// Towards senders of datagrams to a UNIX socket.
  static LanePlan answers() {
    return new Relayed("answers leave by the one socket that all senders share");
  }

  /// This one, or a relay where the sockets of a session must come back, and its source is a
  /// stream: nobody could say how much of a message the kernel has then.
  default LanePlan comingBack(Family source) {
    return inKernel() && !source.isDatagram()
        ? new Relayed("a stream that the kernel cuts into datagrams could not be given back")
        : this;
  }

  /// This one, or a relay where descriptors and credentials are to be carried.
  default LanePlan carrying(Ancillary ancillary) {
    return ancillary == Ancillary.RELAY
        ? new Relayed("descriptors and credentials are carried (ancillary: relay)")
        : this;
  }

  default boolean inKernel() {
    return this instanceof InKernel;
  }
}
