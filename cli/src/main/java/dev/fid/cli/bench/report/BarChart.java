package dev.fid.cli.bench.report;

import dev.fid.cli.bench.workload.Metric;
import java.util.List;
import java.util.Locale;

/// The first metric of a group as bars, in inline SVG: medians, with a line from the least to the
/// most.
final class BarChart {
  private static final int ROW = 24;
  private static final int BAR = 14;
  private static final int LABELS = 84;
  private static final int BARS = 330;
  private static final int VALUES = 150;
  private static final int TEXT = 11;

  private BarChart() {}

  static String of(Metric metric, List<Cell> group) {
    double most =
        group.stream()
            .map(cell -> cell.figures().get(metric))
            .mapToDouble(summary -> summary == null ? 0 : summary.max())
            .max()
            .orElse(0);
    StringBuilder svg = new StringBuilder();
    int width = LABELS + BARS + VALUES;
    int height = ROW * group.size();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(width, height, Html.text(metric.unit())));
    for (int row = 0; row < group.size(); row++) {
      svg.append(row(metric, group.get(row), row * ROW, most > 0 ? BARS / most : 0));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String row(Metric metric, Cell cell, int top, double scale) {
    int baseline = top + ROW / 2 + TEXT / 2 - 1;
    String label =
        "<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n"
            .formatted(LABELS - 8, baseline, Html.text(cell.relay()));
    Summary summary = cell.figures().get(metric);
    if (cell.failures() > 0 || summary == null) {
      return label + text("failed", LABELS + 4, baseline, "failed");
    }
    double median = Math.max(0, summary.median()) * scale;
    double least = LABELS + Math.max(0, summary.min()) * scale;
    double end = LABELS + Math.max(0, summary.max()) * scale;
    int middle = top + ROW / 2;
    String bar =
        String.format(
            Locale.ROOT,
            """
            <rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>
            <path class="range" d="M%.1f %d H%.1f"/>
            """,
            kind(cell.relay()),
            LABELS,
            top + (ROW - BAR) / 2,
            median,
            BAR,
            least,
            middle,
            end);
    return label + bar + text("value", end + 8, baseline, value(metric, summary));
  }

  private static String value(Metric metric, Summary summary) {
    Double ofFid = summary.ofFid();
    return metric.format(summary.median()) + (ofFid == null ? "" : "  (x %.2f)".formatted(ofFid));
  }

  private static String text(String style, double x, int y, String text) {
    return String.format(
        Locale.ROOT,
        "<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>\n",
        style,
        x,
        y,
        Html.text(text));
  }

  private static String kind(String relay) {
    if (relay.equals(Cells.FID) || relay.equals("none")) {
      return relay;
    }
    return relay.startsWith(Cells.FID) ? "also" : "peer";
  }
}
