package dev.fid.cli.bench.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Workload;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/// All that a bench has found, and what one needs to do it again.
///
/// @param command as it was typed
/// @param started ISO 8601, UTC
/// @param loop `closed`, or `open, N requests a second`
public record Report(
    String command,
    String started,
    Machine machine,
    String loop,
    int rounds,
    int millis,
    List<PeerNote> relays,
    List<Workload> workloads,
    List<String> notes,
    List<Cell> cells) {
  /// What the names of metrics mean.
  @JsonProperty
  public List<MetricNote> metrics() {
    return Arrays.stream(Metric.values())
        .map(metric -> new MetricNote(metric, metric.unit(), metric.moreIsBetter()))
        .toList();
  }

  /// A metric, for those who read JSON.
  public record MetricNote(Metric id, String unit, boolean moreIsBetter) {}

  Workload workload(Cell cell) {
    return workloads.stream()
        .filter(workload -> workload.id().equals(cell.workload()))
        .findFirst()
        .orElseThrow();
  }

  /// The cells in groups of those that compare, in order.
  List<List<Cell>> groups() {
    return List.copyOf(
        cells.stream()
            .collect(Collectors.groupingBy(Cell::place, LinkedHashMap::new, Collectors.toList()))
            .values());
  }

  /// Of a group: `tcp-tcp, cubic`.
  static String heading(Cell cell) {
    return cell.control().isEmpty() ? cell.pair() : cell.pair() + ", " + cell.control();
  }

  public boolean hasFailures() {
    return cells.stream().anyMatch(cell -> cell.failures() > 0);
  }
}
