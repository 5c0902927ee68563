package dev.fid.testkit;

import dev.fid.testkit.Fault.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What became of a run: two flows for each connection, and what reached the back end without a
/// name.
public record TrafficResult(List<Flow> flows, List<Fault> unnamed, Duration duration) {
  /// Payload bytes that arrived, both ways.
  public long bytes() {
    return flows.stream().mapToLong(Flow::received).sum();
  }

  public long bytes(Direction direction) {
    return flows.stream().filter(f -> f.direction() == direction).mapToLong(Flow::received).sum();
  }

  public boolean clean() {
    return unnamed.isEmpty() && flows.stream().allMatch(Flow::clean);
  }

  public List<Flow> wrong() {
    return flows.stream().filter(flow -> !flow.clean()).toList();
  }

  /// Connections with a fault in any direction.
  public long wrongConnections() {
    return wrong().stream().mapToInt(Flow::connection).distinct().count();
  }

  /// How often each kind of fault was seen.
  public Map<Kind, Long> faults() {
    Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    flows.forEach(
        flow -> flow.faults().forEach(fault -> counts.merge(fault.kind(), 1L, Long::sum)));
    unnamed.forEach(fault -> counts.merge(fault.kind(), 1L, Long::sum));
    return counts;
  }

  public long eofs() {
    return flows.stream().filter(Flow::eof).count();
  }

  public double gigabytesPerSecond() {
    return bytes() / (double) Math.max(1, duration.toNanos());
  }

  /// This run and then another one.
  TrafficResult and(TrafficResult next) {
    int shift = flows.size() / 2;
    List<Flow> all = new ArrayList<>(flows);
    next.flows.forEach(flow -> all.add(flow.renumbered(shift + flow.connection())));
    List<Fault> allUnnamed = new ArrayList<>(unnamed);
    allUnnamed.addAll(next.unnamed);
    return new TrafficResult(all, allUnnamed, duration.plus(next.duration));
  }

  /// Fails with the first faults, where there is any.
  public TrafficResult assertClean() {
    if (!clean()) {
      throw new AssertionError(this + details());
    }
    return this;
  }

  /// One line.
  @Override
  public String toString() {
    return "%s: %d connections, %d wrong, %d bytes, %d EOFs, %.3f s, %.2f GB/s%s"
        .formatted(
            clean() ? "clean" : "WRONG",
            flows.size() / 2,
            wrongConnections(),
            bytes(),
            eofs(),
            duration.toNanos() / 1e9,
            gigabytesPerSecond(),
            clean() ? "" : ", " + faults());
  }

  /// The first faulty flows, a line each.
  public String details() {
    return wrong().stream()
        .limit(20)
        .map(flow -> "\n  " + flow)
        .collect(Collectors.joining())
        .concat(unnamed.isEmpty() ? "" : "\n  unnamed at the back end: " + unnamed);
  }
}
