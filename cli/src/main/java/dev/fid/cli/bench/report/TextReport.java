package dev.fid.cli.bench.report;

import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// A report as tables for a terminal.
public final class TextReport {
  private TextReport() {}

  public static String of(Report report) {
    List<String> lines = new ArrayList<>();
    lines.add(report.machine().toString());
    lines.add(
        "%s loop; %d rounds of %d ms, relays in turn: median (min .. max); x Fid: median of the rounds' ratios to Fid"
            .formatted(report.loop(), report.rounds(), report.millis()));
    report.notes().forEach(lines::add);
    lines.add("");
    for (PeerNote relay : report.relays()) {
      String state =
          relay.missing().isEmpty() ? relay.version() : "not measured: " + relay.missing();
      String of = state.isEmpty() ? "" : "; " + state;
      lines.add("  %-10s %s%s".formatted(relay.id(), relay.description(), of));
    }
    String heading = "";
    for (List<Cell> group : report.groups()) {
      String next = Report.heading(group.getFirst());
      if (!next.equals(heading)) {
        heading = next;
        lines.add("");
        lines.add("== " + heading);
      }
      lines.add("");
      lines.addAll(group(report.workload(group.getFirst()), group));
    }
    return lines.stream().map(String::stripTrailing).collect(Collectors.joining("\n", "", "\n"));
  }

  private static List<String> group(Workload workload, List<Cell> group) {
    Table table = new Table();
    List<Metric> metrics = workload.kind().metrics();
    List<String> head = new ArrayList<>(List.of(workload.id()));
    for (Metric metric : metrics) {
      head.addAll(
          List.of(metric.unit(), metric == metrics.getFirst() ? "(min .. max)" : "", "x Fid"));
    }
    table.row(head);
    for (Cell cell : group) {
      List<String> row = new ArrayList<>(List.of("  " + cell.relay()));
      for (Metric metric : metrics) {
        row.addAll(columns(cell, metric, metric == metrics.getFirst()));
      }
      table.row(row);
    }
    List<String> lines = new ArrayList<>(List.of(workload.title()));
    lines.addAll(table.lines());
    for (Cell cell : group) {
      if (cell.failures() > 0) {
        lines.add(
            "  %s FAILED in %d of %d rounds: %s"
                .formatted(cell.relay(), cell.failures(), cell.rounds().size(), cell.failure()));
      }
    }
    return lines;
  }

  private static List<String> columns(Cell cell, Metric metric, boolean withRange) {
    Summary summary = cell.figures().get(metric);
    if (summary == null) {
      return List.of(withRange ? "FAILED" : "-", "", "");
    }
    String range =
        "(%s .. %s)".formatted(metric.format(summary.min()), metric.format(summary.max()));
    Double ofFid = summary.ofFid();
    return List.of(
        (withRange && cell.failures() > 0 ? "FAILED " : "") + metric.format(summary.median()),
        withRange ? range : "",
        ofFid == null ? "" : "%.2f".formatted(ofFid));
  }

  /// Columns as wide as their widest, the first to the left.
  private static final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    void row(List<String> cells) {
      rows.add(cells);
    }

    List<String> lines() {
      List<Integer> widths = new ArrayList<>();
      for (int column = 0; column < rows.getFirst().size(); column++) {
        int at = column;
        widths.add(rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0));
      }
      return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, List<Integer> widths) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        int width = widths.get(column);
        if (width > 0) {
          line.append(("%" + (column == 0 ? "-" : "") + width + "s  ").formatted(row.get(column)));
        }
      }
      return line.toString();
    }
  }
}
