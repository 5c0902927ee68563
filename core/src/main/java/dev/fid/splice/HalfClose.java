package dev.fid.splice;

/// What the first end of a stream does to the other direction.
public enum HalfClose {
  /// The other direction lives on until its own end. A lane into a UNIX stream is then relayed, as
  /// the kernel loses bytes of it when the far end half-closes (`unix_shutdown` takes our socket
  /// out of its maps).
  KEEP,
  /// The first end ends the connection: what came by that direction is delivered, what is still to
  /// come by the other is not. Every lane can be in the kernel.
  END
}
