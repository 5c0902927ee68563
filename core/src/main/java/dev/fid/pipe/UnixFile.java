package dev.fid.pipe;

import org.jspecify.annotations.Nullable;

/// Mode (permission bits), owner and group of a listening UNIX path; null leaves what the process
/// creates. Owner and group are names or numeric ids.
public record UnixFile(@Nullable Integer mode, @Nullable String owner, @Nullable String group) {
  /// The permission bits, without set-id and sticky bits.
  public static final Range MODE = new Range(0, 0777);

  public UnixFile {
    if (mode != null && !MODE.contains(mode)) {
      throw new IllegalArgumentException(
          "mode 0%o of a UNIX path is not in 0000..0777".formatted(mode));
    }
  }
}
