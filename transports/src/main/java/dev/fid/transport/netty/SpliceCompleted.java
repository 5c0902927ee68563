package dev.fid.transport.netty;

import dev.fid.splice.SpliceStats;

/// The user event of a channel whose splice has ended, with the final counters. The channel is
/// closed next, unless the splice was undone or the channel is of datagrams: then it reads on, and
/// [SpliceHandler] has left.
public record SpliceCompleted(SpliceStats stats) {}
