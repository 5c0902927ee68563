package dev.fid.transport.vsock;

import dev.fid.os.Errno;
import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.SocketName;
import dev.fid.os.Sockets;
import dev.fid.splice.Family;
import dev.fid.transport.SocketRules;

/// vsock stream sockets, and what to do when a call on one fails.
///
/// Connects are ended by the kernel after two seconds, if nothing else has (ETIMEDOUT), and begun
/// anew. A longer SO_VM_SOCKETS_CONNECT_TIMEOUT would keep each socket that connected in memory for
/// so long (vsock_connect holds it for its timer).
final class VsockSockets implements SocketRules {
  private static final String NO_VSOCK = "this kernel has no vsock: `modprobe vsock`";

  @Override
  public Family family() {
    return Family.VSOCK;
  }

  @Override
  public int open(SocketName name) throws OsException {
    return Sockets.socket(Sockets.AF_VSOCK, Sockets.SOCK_STREAM);
  }

  int listen(SocketName name, int backlog) throws OsException {
    int fd = open(name);
    try {
      Sockets.bind(fd, name);
      Sockets.listen(fd, backlog);
      return fd;
    } catch (OsException e) {
      Fds.close(fd);
      throw e;
    }
  }

  /// Of a connect that has failed, vsock_connect says EALREADY for ever; the error waits on the
  /// socket.
  @Override
  public int connectAgain(int fd, SocketName name) {
    int result = Sockets.connect(fd, name);
    int error = result == -Errno.EALREADY ? Sockets.error(fd) : 0;
    return error == 0 ? result : -error;
  }

  @Override
  public boolean givesUpEarly() {
    return true;
  }

  @Override
  public boolean isItself(int fd, SocketName name) {
    return false;
  }

  String listenAdvice(int errno) {
    return switch (errno) {
      case Errno.EADDRINUSE ->
          "another socket listens there: `ss -lp --vsock` names its process, if this kernel has"
              + " vsock_diag";
      case Errno.EADDRNOTAVAIL ->
          "this machine has not that CID: listen on vsock://any:PORT, or load the module that gives"
              + " it (local: vsock_loopback, host: vhost_vsock)";
      case Errno.EACCES -> "ports below 1024 need CAP_NET_BIND_SERVICE";
      case Errno.EAFNOSUPPORT -> NO_VSOCK;
      default -> "";
    };
  }

  @Override
  public String connectAdvice(int errno) {
    return switch (errno) {
      case Errno.ECONNRESET ->
          "nothing listens on that port there, or its queue is full: start the service, or correct"
              + " the address";
      case Errno.ENODEV ->
          "no guest with that CID runs, or no module carries vsock there: vhost_vsock on the host of"
              + " guests, vmw_vsock_virtio_transport in a guest, vsock_loopback for vsock://local";
      case Errno.ENETUNREACH, Errno.EHOSTUNREACH ->
          "that CID cannot be reached from here: a guest reaches its host and itself";
      case Errno.EADDRNOTAVAIL -> "no local port is free";
      case Errno.EAFNOSUPPORT -> NO_VSOCK;
      case Errno.ETIMEDOUT -> silenceAdvice();
      default -> "";
    };
  }

  @Override
  public String silenceAdvice() {
    return "the guest is stopped, is still booting, or has no vsock device";
  }
}
