package dev.fid.pipe;

import org.jspecify.annotations.Nullable;

/// Mode (permission bits), owner and group of a listening UNIX path; null leaves what the process
/// creates.
public record UnixFile(@Nullable Integer mode, @Nullable String owner, @Nullable String group) {}
