package dev.fid.cli.bench.report;

import dev.fid.cli.bench.workload.Metric;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// All workloads of a pair at a glance: each relay's first figure as a ratio to Fid's, with the eye
/// led to where Fid wins and where it loses.
final class RatioTable {
  /// Ratios that are no further from 1 are called even.
  private static final double EVEN = 0.05;

  private RatioTable() {}

  /// @param groups of one pair and congestion control
  static String of(Report report, List<List<Cell>> groups) {
    List<String> relays =
        groups.stream().flatMap(List::stream).map(Cell::relay).distinct().toList();
    StringBuilder html =
        new StringBuilder(
            "<article class=\"wide\">\n<h3>At a glance</h3>\n"
                + "<p class=\"unit\">Ratios to Fid: <span class=\"wins\">Fid is better</span>,"
                + " <span class=\"loses\">Fid is worse</span>.</p>\n<table class=\"ratios\">\n"
                + "<tr><th></th><th></th>");
    relays.forEach(relay -> html.append("<th>").append(Html.text(relay)).append("</th>"));
    html.append("</tr>\n");
    for (List<Cell> group : groups) {
      html.append(row(report, relays, group));
    }
    return html.append("</table>\n</article>\n").toString();
  }

  private static String row(Report report, List<String> relays, List<Cell> group) {
    Cell any = group.getFirst();
    Metric metric = report.workload(any).kind().metrics().getFirst();
    StringBuilder html =
        new StringBuilder(
            "<tr><th>%s</th><th>%s</th>"
                .formatted(Html.text(report.workload(any).title()), Html.text(metric.unit())));
    for (String relay : relays) {
      Optional<Cell> cell = group.stream().filter(each -> each.relay().equals(relay)).findFirst();
      html.append(cell.map(present -> ratio(present, metric)).orElse("<td></td>"));
    }
    return html.append("</tr>\n").toString();
  }

  private static String ratio(Cell cell, Metric metric) {
    if (cell.failures() > 0) {
      return "<td class=\"failure\">failed</td>";
    }
    Summary summary = cell.figures().get(metric);
    if (summary == null) {
      return "<td>-</td>";
    }
    if (cell.relay().equals(Cells.FID)) {
      return "<td>" + metric.format(summary.median()) + "</td>";
    }
    Double ofFid = summary.ofFid();
    if (cell.relay().equals("none")) {
      return ofFid == null ? "<td>-</td>" : "<td class=\"even\">%.2f</td>".formatted(ofFid);
    }
    return ofFid == null
        ? "<td>-</td>"
        : String.format(Locale.ROOT, "<td class=\"%s\">%.2f</td>", side(ofFid, metric), ofFid);
  }

  private static String side(double ofFid, Metric metric) {
    if (Math.abs(ofFid - 1) <= EVEN) {
      return "even";
    }
    return ofFid < 1 == metric.moreIsBetter() ? "wins" : "loses";
  }
}
