package dev.fid.splice;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How two endpoints are spliced.
///
/// @param backlog skbs that may wait for a target before the gate shuts; for TCP sources, as a UNIX
///   sender is held back by its own send buffer; of datagrams those that are too much are dropped
/// @param sendBuffer bytes of send buffer for a target in the kernel, the kernel's own overhead
///   included; beyond twice net.core.wmem_max it needs CAP_NET_ADMIN
/// @param halfClose what the first EOF does
/// @param onUnsupported what happens when the kernel refuses a lane
/// @param idleTimeout ends a splice that moved nothing for so long, looking once in that time;
///   zero: never
/// @param framing how messages stand in the stream where a stream is joined with datagrams; null
///   everywhere else
/// @param ancillary what becomes of descriptors and credentials
/// @param enrolLate whether a lane's first message, up to 16 KiB, is relayed, and what follows goes
///   to the kernel: a connection that carries one message each way costs no maps
/// @param bulk who moves what a TCP source sends faster than its target takes it; of sockets that
///   Fid accepted or connected itself, as others are never paused
public record SpliceOptions(
    int backlog,
    int sendBuffer,
    HalfClose halfClose,
    OnUnsupported onUnsupported,
    Duration idleTimeout,
    @Nullable Framing framing,
    Ancillary ancillary,
    boolean enrolLate,
    Bulk bulk) {
  /// Skbs.
  public static final int DEFAULT_BACKLOG = 64;

  /// The same for datagrams.
  public static final int DATAGRAM_BACKLOG = 1024;

  /// Bytes.
  public static final int DEFAULT_SEND_BUFFER = 16 << 20;

  /// Half-close is kept, what the kernel cannot carry is relayed, and nothing is idle for too long.
  public static SpliceOptions defaults() {
    return new SpliceOptions(
        DEFAULT_BACKLOG,
        DEFAULT_SEND_BUFFER,
        HalfClose.KEEP,
        OnUnsupported.RELAY,
        Duration.ZERO,
        null,
        Ancillary.DISCARD,
        false,
        Bulk.KERNEL);
  }

  /// The same for a splice of which one side at least is datagrams: of these many are small, and
  /// nobody sends them again, so more may wait.
  public static SpliceOptions datagrams() {
    return defaults().withBacklog(DATAGRAM_BACKLOG);
  }

  public SpliceOptions withBacklog(int value) {
    return with(draft -> draft.backlog = value);
  }

  public SpliceOptions withSendBuffer(int value) {
    return with(draft -> draft.sendBuffer = value);
  }

  public SpliceOptions withHalfClose(HalfClose value) {
    return with(draft -> draft.halfClose = value);
  }

  public SpliceOptions withOnUnsupported(OnUnsupported value) {
    return with(draft -> draft.onUnsupported = value);
  }

  public SpliceOptions withIdleTimeout(Duration value) {
    return with(draft -> draft.idleTimeout = value);
  }

  public SpliceOptions withFraming(Framing value) {
    return with(draft -> draft.framing = value);
  }

  public SpliceOptions withAncillary(Ancillary value) {
    return with(draft -> draft.ancillary = value);
  }

  public SpliceOptions withLateEnrolment(boolean value) {
    return with(draft -> draft.enrolLate = value);
  }

  public SpliceOptions withBulk(Bulk value) {
    return with(draft -> draft.bulk = value);
  }

  private SpliceOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /// A copy in the making.
  private static final class Draft {
    int backlog;
    int sendBuffer;
    HalfClose halfClose;
    OnUnsupported onUnsupported;
    Duration idleTimeout;
    @Nullable Framing framing;
    Ancillary ancillary;
    boolean enrolLate;
    Bulk bulk;

    Draft(SpliceOptions from) {
      backlog = from.backlog;
      sendBuffer = from.sendBuffer;
      halfClose = from.halfClose;
      onUnsupported = from.onUnsupported;
      idleTimeout = from.idleTimeout;
      framing = from.framing;
      ancillary = from.ancillary;
      enrolLate = from.enrolLate;
      bulk = from.bulk;
    }

    SpliceOptions options() {
      return new SpliceOptions(
          backlog,
          sendBuffer,
          halfClose,
          onUnsupported,
          idleTimeout,
          framing,
          ancillary,
          enrolLate,
          bulk);
    }
  }
}
