package dev.fid.splice;

/// What becomes of descriptors (SCM_RIGHTS) and credentials (SCM_CREDENTIALS) that come with the
/// bytes of a UNIX socket.
public enum Ancillary {
  /// They are not carried: a redirect leaves them behind.
  DISCARD,

  /// User space relays every lane of the pipe, and carries them.
  RELAY
}
