package dev.fid.transport.tcp;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.splice.Family;
import dev.fid.transport.SocketRules;

/// The options of TCP sockets, and what to do when a call on one fails.
final class TcpSockets implements SocketRules {
  private final LocalPorts localPorts = LocalPorts.read();

  @Override
  public Family family() {
    return Family.TCP;
  }

  @Override
  public int open(SocketName name) throws OsException {
    int fd = Sockets.socket(name.family(), Sockets.SOCK_STREAM);
    try {
      setOptions(fd);
      return fd;
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  /// A bound and listening socket, whose options every accepted socket inherits (tcp(7),
  /// socket(7)).
  int listen(SocketName name, int backlog) throws OsException {
    int fd = open(name);
    try {
      Sockets.setReuseAddress(fd, true);
      Sockets.bind(fd, name);
      Sockets.listen(fd, backlog);
      return fd;
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  private static void setOptions(int fd) throws OsException {
    Sockets.setNoDelay(fd, true);
    Sockets.setKeepAlive(fd, true);
  }

  @Override
  public boolean isItself(int fd, SocketName name) {
    if (!localPorts.contains(name.port())) {
      return false;
    }
    try {
      SocketName local = Sockets.localName(fd);
      return local.port() == name.port() && local.equals(Sockets.peerName(fd));
    } catch (OsException e) {
      return false; // reset already: the splice will learn of it
    }
  }

  String listenAdvice(int errno, int port) {
    return switch (errno) {
      case Errno.EACCES -> "ports below 1024 need CAP_NET_BIND_SERVICE";
      case Errno.EADDRINUSE ->
          "another socket listens there: `ss -ltnp sport = :%d` names its process".formatted(port);
      case Errno.EADDRNOTAVAIL ->
          "no interface of this machine has that address: `ip address` lists them";
      case Errno.EAFNOSUPPORT -> "this kernel has no IPv6: listen on an IPv4 address";
      default -> "";
    };
  }

  @Override
  public String connectAdvice(int errno) {
    return switch (errno) {
      case Errno.ECONNREFUSED -> "nothing listens there: start the backend, or correct the address";
      case Errno.ENETUNREACH, Errno.EHOSTUNREACH ->
          "no route to that host: `ip route get ADDRESS` shows what the kernel would do";
      case Errno.EADDRNOTAVAIL ->
          "no local port is free: widen net.ipv4.ip_local_port_range, or reuse connections";
      case Errno.EAFNOSUPPORT -> "this kernel has no IPv6: connect to an IPv4 address";
      case Errno.EACCES, Errno.EPERM -> "a firewall rule of this machine forbids it";
      case Errno.ETIMEDOUT -> silenceAdvice();
      default -> "";
    };
  }

  @Override
  public String silenceAdvice() {
    return "the host is down, a firewall drops the packets, or the backend accepts too slowly";
  }
}
