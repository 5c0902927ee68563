package dev.fid.transport.netty;

import dev.fid.splice.SpliceHandle;

/// The user event of a channel whose splice has begun: no handler sees its bytes any more.
public record SpliceStarted(SpliceHandle splice) {}
