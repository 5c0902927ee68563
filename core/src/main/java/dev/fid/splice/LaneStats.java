package dev.fid.splice;

/// What one lane has moved, and how; a snapshot.
///
/// @param plan where the lane runs: in the kernel, or relayed and why
/// @param kernelBytes bytes redirected in the kernel; they may still wait for the target
/// @param pumpBytes bytes that passed a shut gate and were moved by user space
/// @param relayBytes bytes that user space moved while the source was not enrolled
/// @param redirectedSkbs skbs redirected in the kernel
/// @param passedSkbs skbs that passed a shut gate
/// @param gateClosings how often the gate shut: the target's backlog was at its limit, or the
///   target had left its map
/// @param noTargetSkbs skbs of a UNIX source dropped because the target had left the map
/// @param refusedSkbs skbs dropped because the kernel refused the redirect
/// @param lostSkbs skbs that waited for the target and were dropped with its psock
/// @param maxBacklog the highest backlog of the target that a verdict has seen, skbs
/// @param trimmedBytes bytes that TCP queued a second time, sent again, and the program took off
/// @param relayedMessages messages that user space moved, where one side at least keeps them apart
/// @param datagramDrops datagrams dropped for reasons of their own
public record LaneStats(
    LanePlan plan,
    long kernelBytes,
    long pumpBytes,
    long relayBytes,
    long redirectedSkbs,
    long passedSkbs,
    long gateClosings,
    long noTargetSkbs,
    long refusedSkbs,
    long lostSkbs,
    long maxBacklog,
    long trimmedBytes,
    long relayedMessages,
    DatagramDrops datagramDrops) {

  /// A lane of streams.
  LaneStats(
      LanePlan plan,
      long kernelBytes,
      long pumpBytes,
      long relayBytes,
      long redirectedSkbs,
      long passedSkbs,
      long gateClosings,
      long noTargetSkbs,
      long refusedSkbs,
      long lostSkbs,
      long maxBacklog,
      long trimmedBytes) {
    this(
        plan,
        kernelBytes,
        pumpBytes,
        relayBytes,
        redirectedSkbs,
        passedSkbs,
        gateClosings,
        noTargetSkbs,
        refusedSkbs,
        lostSkbs,
        maxBacklog,
        trimmedBytes,
        0,
        DatagramDrops.NONE);
  }

  /// Bytes moved, by whatever path.
  public long bytes() {
    return kernelBytes + pumpBytes + relayBytes;
  }

  /// Skbs dropped, for whatever reason.
  public long droppedSkbs() {
    return noTargetSkbs + refusedSkbs + lostSkbs + datagramDrops.sum();
  }

  /// The sum of two lanes' counters; the plan is this one's.
  public LaneStats plus(LaneStats other) {
    return new LaneStats(
        plan,
        kernelBytes + other.kernelBytes,
        pumpBytes + other.pumpBytes,
        relayBytes + other.relayBytes,
        redirectedSkbs + other.redirectedSkbs,
        passedSkbs + other.passedSkbs,
        gateClosings + other.gateClosings,
        noTargetSkbs + other.noTargetSkbs,
        refusedSkbs + other.refusedSkbs,
        lostSkbs + other.lostSkbs,
        Math.max(maxBacklog, other.maxBacklog),
        trimmedBytes + other.trimmedBytes,
        relayedMessages + other.relayedMessages,
        datagramDrops.plus(other.datagramDrops));
  }

  /// The same, with datagrams that were dropped before a lane had them.
  public LaneStats plusOverflow(long datagrams) {
    return plus(
        new LaneStats(
            plan, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, new DatagramDrops(0, 0, 0, 0, 0, datagrams)));
  }

  /// Nothing moved yet.
  public static LaneStats none(LanePlan plan) {
    return new LaneStats(plan, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
