package dev.fid.splice;

/// Carries bytes from one descriptor to another through user space, and holds what the target has
/// not taken yet.
///
/// Filled only when it is empty. Belongs to one lane at a time, and to the pool of one loop.
sealed interface Mover permits PipeMover, BufferMover, HeadMover {
  /// Takes bytes from a socket: how many, 0 at its end, or -errno. Only when nothing is held.
  long fill(int from);

  /// Gives held bytes to a socket: how many, or -errno.
  long flush(int to);

  /// Bytes taken and not yet given.
  long held();

  /// Frees what it is made of, and whatever it holds.
  void close();
}
