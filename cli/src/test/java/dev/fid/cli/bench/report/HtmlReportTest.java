package dev.fid.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

final class HtmlReportTest {
  private final String html = HtmlReport.of(Reports.sample());

  @Test
  void needsNothingElse() {
    assertThat(html)
        .doesNotContain("http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link");
  }

  @Test
  void readsInLightAndInDark() {
    assertThat(html).contains("prefers-color-scheme: dark", "color-scheme: light dark");
  }

  @Test
  void escapesWhatItShows() {
    assertThat(html)
        .contains("A &lt;Processor&gt;", "byte 7 is &lt;wrong&gt;", "a &amp; b")
        .doesNotContain("<Processor>", "<wrong>");
  }

  @Test
  void drawsABarForEachRelayThatDidNotFail() throws Exception {
    NodeList charts = parse().getElementsByTagName("svg");
    assertThat(charts.getLength()).isEqualTo(3);
    Element bulk = (Element) charts.item(0);
    assertThat(widths(bulk)).hasSize(2);
    assertThat(widths(bulk)[1] / widths(bulk)[0]).as("1.000 of 3.000").isBetween(0.32, 0.35);
    Element churn = (Element) charts.item(1);
    assertThat(widths(churn)).hasSize(1);
    assertThat(churn.getTextContent()).contains("failed");
  }

  /// Of the first figure alone; a relay that failed has no ratio, however fast it was.
  @Test
  void saysAtAGlanceWhereFidWinsAndLoses() throws Exception {
    NodeList tables = parse().getElementsByTagName("table");
    Element glance = (Element) tables.item(0);
    assertThat(glance.getAttribute("class")).isEqualTo("ratios");
    assertThat(texts(glance, "td")).containsExactly("3.000", "0.50", "1,234", "failed");
    assertThat(glance.getElementsByTagName("td").item(1).getAttributes().item(0).getNodeValue())
        .isEqualTo("wins");
  }

  private static List<String> texts(Element of, String name) {
    NodeList all = of.getElementsByTagName(name);
    return IntStream.range(0, all.getLength()).mapToObj(i -> all.item(i).getTextContent()).toList();
  }

  private static double[] widths(Element chart) {
    NodeList bars = chart.getElementsByTagName("rect");
    return IntStream.range(0, bars.getLength())
        .mapToDouble(i -> Double.parseDouble(((Element) bars.item(i)).getAttribute("width")))
        .toArray();
  }

  @Test
  void hasMachineVersionsAndCommands() {
    assertThat(html)
        .contains("Linux 6.18", "fid bench --pairs tcp-tcp", "other 2", "fid run")
        .contains("Not measured: third is not installed");
  }

  /// The page is XML too, but for its head.
  private Document parse() throws Exception {
    String body = html.substring(html.indexOf("<main>"), html.indexOf("</main>")) + "</main>";
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(body)));
  }
}
