package dev.fid.transport.udp;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.splice.Family;
import dev.fid.transport.SocketRules;

/// UDP sockets, and what to do when a call on one fails.
final class UdpSockets implements SocketRules {
  /// Payload's share, in bytes, of what waits for a session to begin: of datagrams of 100 bytes
  /// some thousand, as each counts 768 bytes.
  private static final int LISTENER_BUFFER = 4 << 20;

  private static final int SESSION_BUFFER = 1 << 20;

  @Override
  public Family family() {
    return Family.UDP;
  }

  @Override
  public int open(SocketName name) throws OsException {
    int fd = Sockets.socket(name.family(), Sockets.SOCK_DGRAM);
    Sockets.raiseReceiveBuffer(fd, SESSION_BUFFER);
    return fd;
  }

  /// A bound socket that takes the datagrams of clients that have no session yet.
  int listen(SocketName name) throws OsException {
    int fd = open(name);
    try {
      Sockets.raiseReceiveBuffer(fd, LISTENER_BUFFER);
      Sockets.setReceiveLocalName(fd, name.family());
      Sockets.bind(fd, name);
      return fd;
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  /// A socket of one client's own, on the listener's address and port: the kernel prefers a
  /// connected one (`compute_score` in net/ipv4/udp.c).
  ///
  /// Two sockets may share an address where both have SO_REUSEADDR. The listener has it only now,
  /// so that no other process gets in.
  static int openFor(int listener, SocketName local, SocketName client) throws OsException {
    int fd = Sockets.socket(client.family(), Sockets.SOCK_DGRAM);
    try {
      Sockets.raiseReceiveBuffer(fd, SESSION_BUFFER);
      Sockets.setReuseAddress(fd, true);
      Sockets.setReuseAddress(listener, true);
      try {
        Sockets.bind(fd, local);
      } finally {
        Sockets.setReuseAddress(listener, false);
      }
      int result = Sockets.connect(fd, client);
      if (result < 0) {
        throw new OsException("connect", -result);
      }
      return fd;
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  @Override
  public boolean isItself(int fd, SocketName name) {
    return false;
  }

  static String listenAdvice(int errno, int port) {
    return switch (errno) {
      case Errno.EACCES -> "ports below 1024 need CAP_NET_BIND_SERVICE";
      case Errno.EADDRINUSE ->
          "another socket has that port: `ss -lunp sport = :%d` names its process".formatted(port);
      case Errno.EADDRNOTAVAIL ->
          "no interface of this machine has that address: `ip address` lists them";
      case Errno.EAFNOSUPPORT -> "this kernel has no IPv6: listen on an IPv4 address";
      default -> "";
    };
  }

  @Override
  public String connectAdvice(int errno) {
    return switch (errno) {
      case Errno.ENETUNREACH, Errno.EHOSTUNREACH ->
          "no route to that host: `ip route get ADDRESS` shows what the kernel would do";
      case Errno.EAGAIN, Errno.EADDRNOTAVAIL ->
          "no local port is free: widen net.ipv4.ip_local_port_range";
      case Errno.EAFNOSUPPORT -> "this kernel has no IPv6: connect to an IPv4 address";
      case Errno.EACCES, Errno.EPERM -> "a firewall rule of this machine forbids it";
      default -> "";
    };
  }

  @Override
  public String silenceAdvice() {
    return "a connect of UDP does not wait for anybody";
  }
}
