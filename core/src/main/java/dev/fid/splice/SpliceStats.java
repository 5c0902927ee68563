package dev.fid.splice;

/// What a splice has moved, in both directions, and how it stands.
///
/// @param upstream from the first endpoint to the second
/// @param downstream from the second endpoint to the first
public record SpliceStats(LaneStats upstream, LaneStats downstream, Outcome outcome) {

  /// How a splice stands or how it ended.
  public sealed interface Outcome {
    /// It lives.
    record Live() implements Outcome {}

    /// Both directions reached their end, or the first did and that was to end it.
    record Completed() implements Outcome {}

    /// [SpliceHandle#unsplice()] took it apart: both sockets are of use.
    record Undone() implements Outcome {}

    /// A reset, an error, a limit or [SpliceHandle#close()] ended it; both sides were told by a
    /// reset where they can be.
    record Aborted(String reason) implements Outcome {}
  }
}
