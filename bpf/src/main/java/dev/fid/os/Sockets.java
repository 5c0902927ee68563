package dev.fid.os;

import static dev.fid.os.OsException.check;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.MemorySegment;

/// What a socket can do, of any family.
///
/// Calls that answer a number without a `throws` clause answer what C does, or `-errno`, and
/// allocate nothing. None takes over a descriptor, except [#reset(int)].
public final class Sockets {
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int AF_VSOCK = 40;
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_SEQPACKET = 5;

  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SHUT_RD = 0;
  private static final int SHUT_WR = 1;
  private static final long FIONREAD = 0x541b;
  private static final long TIOCOUTQ = 0x5411;

  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_TYPE = 3;
  private static final int SO_ERROR = 4;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int SO_KEEPALIVE = 9;
  private static final int SO_LINGER = 13;
  private static final int SO_PASSCRED = 16;
  private static final int SO_RCVLOWAT = 18;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SO_DETACH_FILTER = 27;
  private static final int SO_DOMAIN = 39;
  private static final int SO_ATTACH_BPF = 50;
  private static final int SO_MEMINFO = 55;
  private static final int SO_COOKIE = 57;
  private static final int SO_BUF_LOCK = 72;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int SK_MEMINFO_RMEM_ALLOC = 0;
  private static final int SK_MEMINFO_DROPS = 8;
  private static final int IPPROTO_IP = 0;
  private static final int IP_PKTINFO = 8;
  private static final int IPPROTO_UDP = 17;
  private static final int UDP_GRO = 104;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_RECVPKTINFO = 49;
  private static final int SO_VM_SOCKETS_BUFFER_SIZE = 0;

  private Sockets() {}

  /// A new socket, non-blocking and closed on exec. The caller owns it.
  public static int socket(int domain, int type) throws OsException {
    return check("socket", LibC.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }

  public static void bind(int fd, SocketName name) throws OsException {
    check("bind", LibC.bind(fd, name.sockaddr(), name.length()));
  }

  public static void listen(int fd, int backlog) throws OsException {
    check("listen", LibC.listen(fd, backlog));
  }

  /// A connection that waits, non-blocking and closed on exec, or -errno: EAGAIN when none does.
  /// The caller owns it.
  public static int accept(int listener) {
    return LibC.accept4(
        listener, MemorySegment.NULL, MemorySegment.NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }

  /// 0, or -errno: EINPROGRESS while TCP connects ([#error] tells how it ended), EAGAIN where a
  /// UNIX listener's backlog is full (nothing is under way: try again later).
  public static int connect(int fd, SocketName name) {
    return LibC.connect(fd, name.sockaddr(), name.length());
  }

  /// The error that waits on the socket, positive, or 0; the socket forgets it. What is no socket
  /// has its error too: EBADF or ENOTSOCK.
  public static int error(int fd) {
    return Math.abs(get(fd, SO_ERROR));
  }

  /// The same of a TCP socket that can send, by a send of nothing, which has the socket's lock.
  ///
  /// A send looks for an error twice, and says EPIPE where the second look finds none
  /// (tcp_sendmsg_locked, sk_stream_error). So while others send, the kernel's workers among them,
  /// an error that need not end the connection is to be taken with this.
  public static int errorUnderLock(int fd) {
    return Math.max(0, -(int) Fds.send(fd, MemorySegment.NULL));
  }

  /// Ends what this side sends: 0, or -errno.
  public static int shutdownWrite(int fd) {
    return LibC.shutdown(fd, SHUT_WR);
  }

  /// Ends what this side receives: 0, or -errno. A UNIX peer that sends gets EPIPE.
  public static int shutdownRead(int fd) {
    return LibC.shutdown(fd, SHUT_RD);
  }

  /// Closes the socket without its farewell: a TCP peer gets RST, and what it has not yet been sent
  /// is lost.
  public static void reset(int fd) {
    setNoLinger(fd);
    LibC.close(fd);
  }

  /// Makes the coming close of the socket like that of [#reset(int)]: 0, or -errno.
  public static int setNoLinger(int fd) {
    MemorySegment linger = Scratch.mine().value();
    linger.setAtIndex(JAVA_INT, 0, 1);
    linger.setAtIndex(JAVA_INT, 1, 0);
    return LibC.setsockopt(fd, SOL_SOCKET, SO_LINGER, linger, 8);
  }

  /// The seconds of SO_LINGER, -1 where it is off, or less: a -errno below that.
  public static int linger(int fd) {
    Scratch scratch = Scratch.mine();
    int result = get(fd, SO_LINGER, scratch, 2 * Integer.BYTES);
    if (result < 0) {
      return result - 1;
    }
    boolean on = scratch.value().getAtIndex(JAVA_INT, 0) != 0;
    return on ? scratch.value().getAtIndex(JAVA_INT, 1) : -1;
  }

  /// The number that the kernel gives to this socket and to no other until it boots again.
  public static long cookie(int fd) throws OsException {
    Scratch scratch = Scratch.mine();
    check("getsockopt(SO_COOKIE)", get(fd, SO_COOKIE, scratch, Long.BYTES));
    return scratch.value().get(JAVA_LONG, 0);
  }

  public static int domain(int fd) throws OsException {
    return check("getsockopt(SO_DOMAIN)", get(fd, SO_DOMAIN));
  }

  public static int type(int fd) throws OsException {
    return check("getsockopt(SO_TYPE)", get(fd, SO_TYPE));
  }

  /// Whether it accepts connections, and has none itself.
  public static boolean isListening(int fd) throws OsException {
    return check("getsockopt(SO_ACCEPTCONN)", get(fd, SO_ACCEPTCONN)) != 0;
  }

  /// Two UNIX stream sockets that are connected to each other, non-blocking and closed on exec. The
  /// caller owns both.
  public static Pair pair() throws OsException {
    MemorySegment ends = Scratch.mine().value();
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    check("socketpair", LibC.socketpair(AF_UNIX, type, 0, ends));
    return new Pair(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
  }

  /// Asks for a send buffer of `bytes`, past `net.core.wmem_max` where CAP_NET_ADMIN allows that.
  public static SendBuffer setSendBuffer(int fd, int bytes) throws OsException {
    int result = set(fd, SOL_SOCKET, SO_SNDBUFFORCE, bytes);
    boolean forced = result == 0;
    if (result == -Errno.EPERM) {
      result = set(fd, SOL_SOCKET, SO_SNDBUF, bytes);
    }
    check("setsockopt(SO_SNDBUF)", result);
    int doubled = check("getsockopt(SO_SNDBUF)", get(fd, SO_SNDBUF));
    return new SendBuffer(doubled / 2, forced);
  }

  /// The share of payload in the send buffer, as whoever set it asked for it, or -errno.
  public static int payloadOfSendBuffer(int fd) {
    int doubled = get(fd, SO_SNDBUF);
    return doubled < 0 ? doubled : doubled / 2;
  }

  /// The send buffer as the kernel counts it, and whether its size is fixed (SO_BUF_LOCK): to be
  /// put back by [#restore].
  public static BufferState bufferState(int fd) throws OsException {
    return new BufferState(
        check("getsockopt(SO_SNDBUF)", get(fd, SO_SNDBUF)),
        check("getsockopt(SO_BUF_LOCK)", get(fd, SO_BUF_LOCK)));
  }

  /// Puts the send buffer back: 0, or -errno.
  public static int restore(int fd, BufferState state) {
    int result = set(fd, SOL_SOCKET, SO_SNDBUFFORCE, state.sendBuffer() / 2);
    if (result == -Errno.EPERM) {
      result = set(fd, SOL_SOCKET, SO_SNDBUF, state.sendBuffer() / 2);
    }
    return result < 0 ? result : set(fd, SOL_SOCKET, SO_BUF_LOCK, state.lock());
  }

  /// Asks for a receive buffer of `bytes`; `net.core.rmem_max` is the most that the kernel gives.
  public static void setReceiveBuffer(int fd, int bytes) throws OsException {
    check("setsockopt(SO_RCVBUF)", set(fd, SOL_SOCKET, SO_RCVBUF, bytes));
  }

  /// The same, past `net.core.rmem_max` where CAP_NET_ADMIN allows that: 0, or -errno.
  public static int raiseReceiveBuffer(int fd, int bytes) {
    int result = set(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
    return result == -Errno.EPERM ? set(fd, SOL_SOCKET, SO_RCVBUF, bytes) : result;
  }

  /// Gives it a receive buffer of `bytes`, overhead included, whatever `net.core.rmem_max` is: 0,
  /// or -errno, -EPERM without CAP_NET_ADMIN. The kernel does not size it by itself any more.
  public static int forceReceiveBuffer(int fd, int bytes) {
    return set(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes / 2);
  }

  /// The size of its receive buffer, overhead included, or -errno.
  public static int receiveBuffer(int fd) {
    return get(fd, SO_RCVBUF);
  }

  /// From how many bytes on the socket is readable, or -errno.
  public static int receiveLowWater(int fd) {
    return get(fd, SO_RCVLOWAT);
  }

  /// The most bytes that a vsock socket lets its peer have under way (the level is AF_VSOCK), or
  /// -errno.
  public static long vsockBuffer(int fd) {
    Scratch scratch = Scratch.mine();
    scratch.length().set(JAVA_INT, 0, Long.BYTES);
    int result =
        LibC.getsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, scratch.value(), scratch.length());
    return result < 0 ? result : scratch.value().get(JAVA_LONG, 0);
  }

  /// From how many bytes on the socket is readable: 0, or -errno.
  public static int setReceiveLowWater(int fd, int bytes) {
    return set(fd, SOL_SOCKET, SO_RCVLOWAT, bytes);
  }

  public static void setNoDelay(int fd, boolean on) throws OsException {
    check("setsockopt(TCP_NODELAY)", set(fd, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0));
  }

  public static void setKeepAlive(int fd, boolean on) throws OsException {
    check("setsockopt(SO_KEEPALIVE)", set(fd, SOL_SOCKET, SO_KEEPALIVE, on ? 1 : 0));
  }

  public static void setReuseAddress(int fd, boolean on) throws OsException {
    check("setsockopt(SO_REUSEADDR)", set(fd, SOL_SOCKET, SO_REUSEADDR, on ? 1 : 0));
  }

  /// Asks for the local address that each datagram was sent to, with
  /// [Datagram#receiveWithLocal(int)].
  public static void setReceiveLocalName(int fd, int domain) throws OsException {
    boolean six = domain == AF_INET6;
    check(
        "setsockopt(IP_PKTINFO)",
        set(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVPKTINFO : IP_PKTINFO, 1));
  }

  /// Has the sender's credentials come with what a UNIX socket receives from now on, or no longer:
  /// 0, or -errno.
  public static int setPassCredentials(int fd, boolean on) {
    return set(fd, SOL_SOCKET, SO_PASSCRED, on ? 1 : 0);
  }

  /// Whether they come: 1 or 0, or -errno.
  static int passesCredentials(int fd) {
    return get(fd, SO_PASSCRED);
  }

  /// Runs a program of type socket filter for each packet that comes; the socket keeps it: 0, or
  /// -errno.
  public static int attachFilter(int fd, int programFd) {
    return set(fd, SOL_SOCKET, SO_ATTACH_BPF, programFd);
  }

  /// Takes the socket's filter off, of whatever kind: 0, or -errno. ENOENT: it has none.
  public static int detachFilter(int fd) {
    return set(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
  }

  /// Whether a UDP socket may receive several datagrams as one (UDP_GRO).
  public static boolean joinsDatagrams(int fd) throws OsException {
    Scratch scratch = Scratch.mine();
    scratch.length().set(JAVA_INT, 0, Integer.BYTES);
    int result = LibC.getsockopt(fd, IPPROTO_UDP, UDP_GRO, scratch.value(), scratch.length());
    check("getsockopt(UDP_GRO)", result);
    return scratch.value().get(JAVA_INT, 0) != 0;
  }

  /// Allows a UDP socket that, or forbids it.
  public static void setJoinDatagrams(int fd, boolean on) throws OsException {
    check("setsockopt(UDP_GRO)", set(fd, IPPROTO_UDP, UDP_GRO, on ? 1 : 0));
  }

  /// The bytes that wait to be received (SIOCINQ), or -errno.
  public static int queued(int fd) {
    MemorySegment value = Scratch.holding(0);
    int result = LibC.ioctl(fd, FIONREAD, value);
    return result < 0 ? result : value.get(JAVA_INT, 0);
  }

  /// The bytes that were sent and that the peer has not acknowledged (SIOCOUTQ), or -errno.
  public static int unacknowledged(int fd) {
    MemorySegment value = Scratch.holding(0);
    int result = LibC.ioctl(fd, TIOCOUTQ, value);
    return result < 0 ? result : value.get(JAVA_INT, 0);
  }

  /// The packets that the kernel dropped at this socket since it was opened (a counter of 32 bits,
  /// that wraps), or -errno.
  public static long drops(int fd) {
    return memory(fd, SK_MEMINFO_DROPS);
  }

  /// The memory of what waits to be received, the kernel's overhead included, or -errno. UNIX
  /// sockets have 0: there it is the sender's.
  public static long receiveMemory(int fd) {
    return memory(fd, SK_MEMINFO_RMEM_ALLOC);
  }

  private static long memory(int fd, int index) {
    Scratch scratch = Scratch.mine();
    int result = get(fd, SO_MEMINFO, scratch, (SK_MEMINFO_DROPS + 1) * Integer.BYTES);
    return result < 0
        ? result
        : Integer.toUnsignedLong(scratch.value().getAtIndex(JAVA_INT, index));
  }

  public static SocketName localName(int fd) throws OsException {
    Scratch scratch = named();
    check("getsockname", LibC.getsockname(fd, scratch.value(), scratch.length()));
    return SocketName.copyOf(scratch.value(), scratch.length().get(JAVA_INT, 0));
  }

  public static SocketName peerName(int fd) throws OsException {
    Scratch scratch = named();
    check("getpeername", LibC.getpeername(fd, scratch.value(), scratch.length()));
    return SocketName.copyOf(scratch.value(), scratch.length().get(JAVA_INT, 0));
  }

  private static Scratch named() {
    Scratch scratch = Scratch.mine();
    scratch.length().set(JAVA_INT, 0, Scratch.SIZE);
    return scratch;
  }

  private static int set(int fd, int level, int option, int value) {
    return LibC.setsockopt(fd, level, option, Scratch.holding(value), Integer.BYTES);
  }

  private static int get(int fd, int option) {
    Scratch scratch = Scratch.mine();
    int result = get(fd, option, scratch, Integer.BYTES);
    return result < 0 ? result : scratch.value().get(JAVA_INT, 0);
  }

  private static int get(int fd, int option, Scratch scratch, int size) {
    scratch.length().set(JAVA_INT, 0, size);
    return LibC.getsockopt(fd, SOL_SOCKET, option, scratch.value(), scratch.length());
  }

  /// What the kernel gave: the bytes of payload's share (it doubles what it is asked for, and says
  /// the double), and whether it went past its limit for that.
  public record SendBuffer(int bytes, boolean forced) {}

  /// A send buffer, bytes with the kernel's overhead, and its SO_BUF_LOCK.
  public record BufferState(int sendBuffer, int lock) {}

  /// Two connected sockets. Closed once, by their owner.
  public record Pair(int first, int second) implements AutoCloseable {
    @Override
    public void close() {
      Fds.close(first);
      Fds.close(second);
    }
  }
}
