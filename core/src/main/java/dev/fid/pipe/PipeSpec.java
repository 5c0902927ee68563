package dev.fid.pipe;

import dev.fid.splice.Ancillary;
import dev.fid.splice.Bulk;
import dev.fid.splice.Family;
import dev.fid.splice.Framing;
import dev.fid.splice.HalfClose;
import dev.fid.splice.OnUnsupported;
import dev.fid.splice.SpliceOptions;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Declares a pipe: listen here, connect there, with these rules. An instance is always valid.
///
/// @param name names the pipe in logs and metrics
/// @param backlog the skbs that may wait at a target before its lane's gate shuts; for TCP sources
/// @param sendBuffer the send buffer of each target in the kernel, in bytes, the kernel's overhead
///   included; beyond twice net.core.wmem_max it needs CAP_NET_ADMIN
/// @param halfClose what the first end of a stream does to the other direction
/// @param onUnsupported what becomes of a lane that the kernel cannot carry
/// @param connectTimeout bounds the connect for one accepted connection, name lookup included
/// @param idleTimeout resets a connection on which nothing moved for so long, and ends a session of
///   datagrams; zero never does
/// @param maxConnections the connections at once; more are reset, while a new session of datagrams
///   ends the one that has been idle for longest
/// @param listenBacklog the length of the listener's queue; net.core.somaxconn caps it
/// @param unix the file of a listening UNIX path; null leaves what the process creates
/// @param framing how messages stand in the stream where the pipe joins a stream with messages, and
///   null where it does not
/// @param bulk who moves what a TCP source sends faster than its target takes it
/// @param ancillary what becomes of descriptors and credentials between two UNIX streams, or two
///   UNIX SEQPACKET sockets
public record PipeSpec(
    String name,
    Address listen,
    Address connect,
    int backlog,
    int sendBuffer,
    HalfClose halfClose,
    OnUnsupported onUnsupported,
    Duration connectTimeout,
    Duration idleTimeout,
    int maxConnections,
    int listenBacklog,
    @Nullable UnixFile unix,
    @Nullable Framing framing,
    Bulk bulk,
    Ancillary ancillary) {

  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}");
  public static final Range BACKLOG = new Range(1, 4096);
  public static final Range SEND_BUFFER = new Range(64 << 10, 1 << 30);
  public static final Range MAX_CONNECTIONS = new Range(1, Integer.MAX_VALUE);
  public static final Range LISTEN_BACKLOG = new Range(1, 65535);
  public static final Duration MAX_CONNECT_TIMEOUT = Duration.ofHours(1);
  public static final Duration MAX_IDLE_TIMEOUT = Duration.ofDays(365);

  /// @throws IllegalArgumentException that names the pipe and everything that is wrong with it
  public PipeSpec {
    Faults faults = new Faults("pipe '" + name + "'");
    faults.unless(NAME.matcher(name).matches(), "its name does not match " + NAME);
    faults.unlessIn(BACKLOG, backlog, "backlog");
    faults.unlessIn(SEND_BUFFER, sendBuffer, "send buffer");
    faults.unlessIn(MAX_CONNECTIONS, maxConnections, "limit of connections");
    faults.unlessIn(LISTEN_BACKLOG, listenBacklog, "listen backlog");
    faults.unless(
        connectTimeout.isPositive() && connectTimeout.compareTo(MAX_CONNECT_TIMEOUT) <= 0,
        "connect timeout " + connectTimeout + " is not above zero and at most an hour");
    faults.unless(
        !idleTimeout.isNegative() && idleTimeout.compareTo(MAX_IDLE_TIMEOUT) <= 0,
        "idle timeout " + idleTimeout + " is not between zero and 8760 hours (a year)");
    faults.unless(
        connect.onlyForListen().isEmpty(),
        "it connects to " + connect + ", which " + connect.onlyForListen());
    faults.unless(!connect.equals(listen), "it connects to itself, " + listen);
    faults.unless(
        unix == null || (listen instanceof Address.Local file && !file.isAbstract()),
        "it has the mode and owner of a UNIX path, and listens on " + listen);
    faults.unless(
        framing != null || !needsFraming(listen, connect), framingMissing(listen, connect));
    faults.addUnlessEmpty(fault(ancillary, listen, connect));
    faults.addUnlessEmpty(fault(bulk, listen, connect));
    faults.unless(
        framing == null || needsFraming(listen, connect), framingUseless(listen, connect));
    faults.throwIfAny();
  }

  /// Whether one side is a stream, where messages have no boundaries, and the other keeps them.
  public static boolean needsFraming(Address listen, Address connect) {
    return listen.family().keepsBoundaries() != connect.family().keepsBoundaries();
  }

  /// What to say of a pipe that needs framing and has none.
  public static String framingMissing(Address listen, Address connect) {
    return ("framing is missing: %s and %s are a stream and messages, and a stream has no boundaries: write"
            + " len16 or len32 for a length in front of each message, or none for payloads as they come")
        .formatted(listen, connect);
  }

  /// What to say of a pipe that has framing and no use for it.
  public static String framingUseless(Address listen, Address connect) {
    return "framing is for a pipe between a stream and messages, this one is from %s to %s"
        .formatted(listen, connect);
  }

  /// Why a pipe between these cannot carry descriptors and credentials as chosen; empty where it
  /// can.
  public static String fault(Ancillary ancillary, Address listen, Address connect) {
    boolean may =
        ancillary == Ancillary.DISCARD
            || (listen instanceof Address.Unix && connect instanceof Address.Unix)
            || (listen instanceof Address.UnixSeqpacket
                && connect instanceof Address.UnixSeqpacket);
    return may
        ? ""
        : ("ancillary: relay is for a pipe between two unix:// addresses, or two unix+seqpacket://, this one"
                + " is from %s to %s")
            .formatted(listen, connect);
  }

  /// Why nothing of a pipe between these could be relayed as bulk; empty where it can, or need not.
  public static String fault(Bulk bulk, Address listen, Address connect) {
    boolean may =
        bulk == Bulk.KERNEL
            || (!needsFraming(listen, connect)
                && (listen.family() == Family.TCP || connect.family() == Family.TCP));
    return may
        ? ""
        : ("bulk: relay is for a pipe between two streams, of which one at least is tcp://, this one is from %s to"
                + " %s")
            .formatted(listen, connect);
  }

  /// Sessions of datagrams have no end of their own.
  public static Duration defaultIdleTimeout(Address listen, Address connect) {
    return listen.family().isDatagram() || connect.family().isDatagram()
        ? Duration.ofSeconds(60)
        : Duration.ZERO;
  }

  public static int defaultBacklog(Address listen, Address connect) {
    return listen.family().isDatagram() || connect.family().isDatagram()
        ? SpliceOptions.DATAGRAM_BACKLOG
        : SpliceOptions.DEFAULT_BACKLOG;
  }

  /// Has every default of the pipe file; `listen` and `connect` are to be given.
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /// Collects a spec; the last value given counts.
  public static final class Builder {
    private final String name;
    private @Nullable Supplier<Address> listen;
    private @Nullable Supplier<Address> connect;
    private @Nullable Integer backlog;
    private int sendBuffer = 16 << 20;
    private HalfClose halfClose = HalfClose.KEEP;
    private OnUnsupported onUnsupported = OnUnsupported.RELAY;
    private Duration connectTimeout = Duration.ofSeconds(3);
    private @Nullable Duration idleTimeout;
    private int maxConnections = 10_000;
    private int listenBacklog = 4096;
    private @Nullable UnixFile unix;
    private @Nullable Framing framing;
    private Bulk bulk = Bulk.KERNEL;
    private Ancillary ancillary = Ancillary.DISCARD;

    private Builder(String name) {
      this.name = name;
    }

    public Builder listen(Address address) {
      listen = () -> address;
      return this;
    }

    /// The address is parsed by [#build()].
    public Builder listen(String uri) {
      listen = () -> Address.parse(uri);
      return this;
    }

    public Builder connect(Address address) {
      connect = () -> address;
      return this;
    }

    /// The address is parsed by [#build()].
    public Builder connect(String uri) {
      connect = () -> Address.parse(uri);
      return this;
    }

    public Builder backlog(int skbs) {
      backlog = skbs;
      return this;
    }

    public Builder sendBuffer(int bytes) {
      sendBuffer = bytes;
      return this;
    }

    public Builder halfClose(HalfClose choice) {
      halfClose = choice;
      return this;
    }

    public Builder onUnsupported(OnUnsupported choice) {
      onUnsupported = choice;
      return this;
    }

    public Builder connectTimeout(Duration timeout) {
      connectTimeout = timeout;
      return this;
    }

    /// Zero is none.
    public Builder idleTimeout(Duration timeout) {
      idleTimeout = timeout;
      return this;
    }

    public Builder maxConnections(int connections) {
      maxConnections = connections;
      return this;
    }

    public Builder listenBacklog(int connections) {
      listenBacklog = connections;
      return this;
    }

    /// Only with `listen` at a UNIX path.
    public Builder unix(UnixFile file) {
      unix = file;
      return this;
    }

    /// Only between a stream and messages, and required there.
    public Builder framing(Framing choice) {
      framing = choice;
      return this;
    }

    /// [Bulk#RELAY] only between streams, of which one at least is TCP.
    public Builder bulk(Bulk choice) {
      bulk = choice;
      return this;
    }

    /// Only between UNIX streams, or UNIX SEQPACKET sockets.
    public Builder ancillary(Ancillary choice) {
      ancillary = choice;
      return this;
    }

    /// Checks everything that a spec needs.
    ///
    /// @throws IllegalArgumentException that names the pipe and all that is missing or wrong; of
    ///   the addresses first, and of the rest where these are good
    public PipeSpec build() {
      Faults faults = new Faults("pipe '" + name + "'");
      Address listenAddress = address("listen", listen, faults);
      Address connectAddress = address("connect", connect, faults);
      if (listenAddress == null || connectAddress == null) {
        throw faults.exception();
      }
      return new PipeSpec(
          name,
          listenAddress,
          connectAddress,
          backlog == null ? defaultBacklog(listenAddress, connectAddress) : backlog,
          sendBuffer,
          halfClose,
          onUnsupported,
          connectTimeout,
          idleTimeout == null ? defaultIdleTimeout(listenAddress, connectAddress) : idleTimeout,
          maxConnections,
          listenBacklog,
          unix,
          framing,
          bulk,
          ancillary);
    }

    private static @Nullable Address address(
        String key, @Nullable Supplier<Address> given, Faults faults) {
      if (given == null) {
        faults.add(key + " is missing");
        return null;
      }
      try {
        return given.get();
      } catch (AddressException e) {
        faults.add(key + ": " + e.getMessage());
        return null;
      }
    }
  }
}
