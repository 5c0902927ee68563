package dev.fid.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.fid.bpf.ffi.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Keeps a TCP socket from receiving for a moment, and loses nothing: what its peer sends meanwhile
/// is dropped before TCP has seen it (tcp_filter), so the peer sends it again.
///
/// A classic socket filter, for which no privilege is needed. Acknowledgements without data and
/// resets go on.
public final class TcpHold {
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int SO_GET_FILTER = 26;
  private static final int SO_DETACH_FILTER = 27;

  private static final int PASS = 10;
  private static final int DROP = 11;

  /// `struct sock_filter`: code, where to go if true and if false, and a constant. The packet
  /// begins with the TCP header.
  private static final int[][] PROGRAM = {
    {0x30, 0, 0, 13}, // ldb [13]: the flags
    {0x45, PASS - 2, 0, 0x04}, // RST?
    {0x45, DROP - 3, 0, 0x01}, // FIN?
    {0x30, 0, 0, 12}, // ldb [12]: the header's length, in words, in the upper half
    {0x54, 0, 0, 0xf0}, // and
    {0x74, 0, 0, 2}, // rsh: in bytes
    {0x07, 0, 0, 0}, // tax
    {0x80, 0, 0, 0}, // ld len
    {0x1c, 0, 0, 0}, // sub x
    {0x15, PASS - 10, DROP - 10, 0}, // no payload?
    {0x06, 0, 0, 0xffff}, // ret: TCP keeps at least the header
    {0x06, 0, 0, 0}, // ret 0: dropped
  };

  private static final int INSTRUCTION = 8;

  private TcpHold() {}

  /// Whether the socket has a filter of its own, that [#hold] would replace.
  public static boolean isFiltered(int fd) throws OsException {
    Scratch scratch = Scratch.mine();
    scratch.length().set(JAVA_INT, 0, 0);
    int result = LibC.getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, scratch.value(), scratch.length());
    if (result == -Errno.EACCES) {
      return true; // an eBPF program, which it does not show
    }
    OsException.check("getsockopt(SO_GET_FILTER)", result);
    return scratch.length().get(JAVA_INT, 0) > 0;
  }

  /// Drops data from now on. What is past the filter by now is still received: an RCU grace period
  /// later ([Membarrier#global]), and after a call that takes the socket's lock, no more.
  public static void hold(int fd) throws OsException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate((long) PROGRAM.length * INSTRUCTION, INSTRUCTION);
      for (int i = 0; i < PROGRAM.length; i++) {
        long at = (long) i * INSTRUCTION;
        program.set(JAVA_SHORT, at, (short) PROGRAM[i][0]);
        program.set(JAVA_BYTE, at + 2, (byte) PROGRAM[i][1]);
        program.set(JAVA_BYTE, at + 3, (byte) PROGRAM[i][2]);
        program.set(JAVA_INT, at + 4, PROGRAM[i][3]);
      }
      MemorySegment described = arena.allocate(2 * ADDRESS.byteSize(), ADDRESS.byteAlignment());
      described.set(JAVA_SHORT, 0, (short) PROGRAM.length);
      described.set(ADDRESS, ADDRESS.byteSize(), program);
      int size = (int) described.byteSize();
      OsException.check(
          "setsockopt(SO_ATTACH_FILTER)",
          LibC.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, described, size));
    }
  }

  /// Receives again: 0, or -errno. ENOENT: it was not held.
  public static int release(int fd) {
    return LibC.setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, Scratch.holding(0), Integer.BYTES);
  }
}
