package dev.fid.cli.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Workload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/// A report as one page that needs nothing else: no script, no network.
public final class HtmlReport {
  private HtmlReport() {}

  public static String of(Report report) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Fid bench</title>
    <style>
    %s</style>
    </head>
    <body>
    <main>
    %s%s%s</main>
    </body>
    </html>
    """
        .formatted(style(), head(report), groups(report), relays(report));
  }

  private static String head(Report report) {
    StringBuilder html = new StringBuilder();
    html.append("<header>\n").append(Html.element("h1", "Fid beside other relays"));
    html.append(Html.element("p", report.machine().toString()));
    html.append(
        "<p><code>%s</code>, %s</p>\n"
            .formatted(Html.text(report.command()), Html.text(report.started())));
    html.append(
        Html.element(
            "p",
            "Bars are medians of %d rounds of %d ms in which the relays took turns; the line goes from the least to the most. \"x\" is the median of the rounds' ratios to Fid. Round trips are a %s loop. CPU is that of the whole machine. A relay that lost or changed a byte has failed."
                .formatted(report.rounds(), report.millis(), report.loop())));
    report.notes().forEach(note -> html.append(Html.element("p", note)));
    return html.append("</header>\n").toString();
  }

  private static String groups(Report report) {
    StringBuilder html = new StringBuilder();
    String heading = "";
    for (List<Cell> group : report.groups()) {
      String next = Report.heading(group.getFirst());
      if (!next.equals(heading)) {
        html.append(heading.isEmpty() ? "" : "</section>\n");
        heading = next;
        String here = heading;
        html.append("<section>\n").append(Html.element("h2", heading));
        html.append(
            RatioTable.of(
                report,
                report.groups().stream()
                    .filter(each -> Report.heading(each.getFirst()).equals(here))
                    .toList()));
      }
      html.append(group(report.workload(group.getFirst()), group));
    }
    return html.append(heading.isEmpty() ? "" : "</section>\n").toString();
  }

  private static String group(Workload workload, List<Cell> group) {
    List<Metric> metrics = workload.kind().metrics();
    StringBuilder html = new StringBuilder("<article>\n");
    html.append(Html.element("h3", workload.title()));
    Metric first = metrics.getFirst();
    html.append(
        "<p class=\"unit\">%s, %s is better</p>\n"
            .formatted(Html.text(first.unit()), first.moreIsBetter() ? "more" : "less"));
    html.append(BarChart.of(first, group));
    html.append("<table>\n<tr><th></th>");
    metrics.forEach(metric -> html.append("<th>" + Html.text(metric.unit()) + "</th>"));
    html.append("</tr>\n");
    group.forEach(cell -> html.append(row(cell, metrics)));
    html.append("</table>\n");
    group.stream().filter(cell -> cell.failures() > 0).forEach(cell -> html.append(failure(cell)));
    return html.append("</article>\n").toString();
  }

  private static String row(Cell cell, List<Metric> metrics) {
    StringBuilder html = new StringBuilder("<tr><th>" + Html.text(cell.relay()) + "</th>");
    for (Metric metric : metrics) {
      Summary summary = cell.figures().get(metric);
      if (summary == null) {
        html.append("<td>-</td>");
      } else {
        html.append(
            "<td>%s<small>%s to %s</small></td>"
                .formatted(
                    metric.format(summary.median()),
                    metric.format(summary.min()),
                    metric.format(summary.max())));
      }
    }
    return html.append("</tr>\n").toString();
  }

  private static String failure(Cell cell) {
    return "<p class=\"failure\">%s failed in %d of %d rounds: %s</p>\n"
        .formatted(
            Html.text(cell.relay()),
            cell.failures(),
            cell.rounds().size(),
            Html.text(cell.failure()));
  }

  private static String relays(Report report) {
    StringBuilder html = new StringBuilder("<section>\n").append(Html.element("h2", "Relays"));
    for (PeerNote relay : report.relays()) {
      html.append("<article>\n").append(Html.element("h3", relay.id()));
      html.append(
          Html.element(
              "p",
              relay.version().isEmpty()
                  ? relay.description()
                  : relay.description() + "; " + relay.version()));
      html.append(
          relay.missing().isEmpty()
              ? Html.element("pre", relay.command())
              : Html.element("p", "Not measured: " + relay.missing()));
      html.append("</article>\n");
    }
    return html.append("</section>\n").toString();
  }

  private static String style() {
    try (InputStream css = HtmlReport.class.getResourceAsStream("report.css")) {
      if (css == null) {
        throw new IllegalStateException("report.css is not in the jar");
      }
      return new String(css.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
