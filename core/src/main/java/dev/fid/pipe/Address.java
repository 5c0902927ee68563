package dev.fid.pipe;

import dev.fid.splice.Family;

/// Where a leg of a pipe listens or connects. Its string is the URI of the pipe file.
public sealed interface Address {
  Family family();

  /// Why no connect can go there, as in `names no port: 0 is only for listen`; empty where one can.
  default String onlyForListen() {
    return "";
  }

  /// Reads `tcp://HOST:PORT` or `udp://HOST:PORT` (a name, an IPv4 address, an IPv6 address in
  /// brackets), `unix:///PATH` or `unix://@NAME`, `vsock://CID:PORT`, and UNIX datagrams with
  /// `unix+dgram`, UNIX SEQPACKET with `unix+seqpacket`. Nothing is looked up, and nothing is
  /// decoded: a `%` in a path is a `%`.
  ///
  /// @throws AddressException that says what is wrong and what to write
  static Address parse(String uri) {
    return AddressParser.parse(uri);
  }

  /// A host name, an IPv4 or an IPv6 address (without brackets), and a port; port 0 listens on a
  /// free one.
  sealed interface Inet extends Address {
    String host();

    int port();

    @Override
    default String onlyForListen() {
      return port() == 0 ? "names no port: 0 is only for listen" : "";
    }
  }

  /// A path, or `@NAME` in the abstract namespace.
  sealed interface Local extends Address {
    String path();

    default boolean isAbstract() {
      return path().startsWith("@");
    }
  }

  /// TCP.
  record Tcp(String host, int port) implements Inet {
    @Override
    public Family family() {
      return Family.TCP;
    }

    @Override
    public String toString() {
      return "tcp://" + authority(host, port);
    }
  }

  /// UDP.
  record Udp(String host, int port) implements Inet {
    @Override
    public Family family() {
      return Family.UDP;
    }

    @Override
    public String toString() {
      return "udp://" + authority(host, port);
    }
  }

  /// A UNIX stream socket.
  record Unix(String path) implements Local {
    @Override
    public Family family() {
      return Family.UNIX_STREAM;
    }

    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  /// A UNIX datagram socket.
  record UnixDatagram(String path) implements Local {
    @Override
    public Family family() {
      return Family.UNIX_DATAGRAM;
    }

    @Override
    public String toString() {
      return "unix+dgram://" + path;
    }
  }

  /// A UNIX SEQPACKET socket: connected, and of messages.
  record UnixSeqpacket(String path) implements Local {
    @Override
    public Family family() {
      return Family.UNIX_SEQPACKET;
    }

    @Override
    public String toString() {
      return "unix+seqpacket://" + path;
    }
  }

  /// A virtual machine or its host, by the context ID (CID) that vsock gives it, and a port there;
  /// port 0 listens on a free one. Both have 32 bits without a sign.
  record Vsock(long cid, long port) implements Address {
    /// Every CID that this machine has.
    public static final long ANY = 0xffff_ffffL;

    /// This machine, whichever it is.
    public static final long LOCAL = 1;

    /// The machine that the guests run on.
    public static final long HOST = 2;

    @Override
    public Family family() {
      return Family.VSOCK;
    }

    @Override
    public String onlyForListen() {
      return cid == ANY
          ? "names no machine: any is only for listen"
          : port == 0 ? "names no port: 0 is only for listen" : "";
    }

    @Override
    public String toString() {
      return "vsock://" + VsockAddressParser.machine(cid) + ":" + port;
    }
  }

  private static String authority(String host, int port) {
    return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
  }
}
