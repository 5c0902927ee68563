package dev.fid.pipe;

import org.jspecify.annotations.Nullable;

/// How a leg listens: the length of its queue of connections not yet accepted, and the file of a
/// UNIX path.
public record ListenOptions(int backlog, @Nullable UnixFile unix) {}
