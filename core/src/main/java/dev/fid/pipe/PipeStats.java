package dev.fid.pipe;

import dev.fid.splice.LaneStats;

/// What a pipe has done since it was bound; a snapshot in which nothing is counted twice.
///
/// @param live connections now, those being connected included
/// @param spliced connections with at least one lane in the kernel
/// @param relayed connections moved by user space alone
/// @param failed connections accepted for which no backend could be reached
/// @param rejected connections accepted and closed because of `max_connections`
/// @param aborted connections that ended by a reset, an error or a limit
/// @param evicted sessions of datagrams that made room for others, because of `max_connections`
/// @param upstream the bytes of all connections from the listening side, live ones included
/// @param downstream the bytes towards it
public record PipeStats(
    int live,
    long spliced,
    long relayed,
    long failed,
    long rejected,
    long aborted,
    long evicted,
    LaneStats upstream,
    LaneStats downstream) {
  /// The same, with datagrams that no connection has counted.
  PipeStats plusOverflow(long datagrams) {
    return new PipeStats(
        live,
        spliced,
        relayed,
        failed,
        rejected,
        aborted,
        evicted,
        upstream.plusOverflow(datagrams),
        downstream);
  }
}
