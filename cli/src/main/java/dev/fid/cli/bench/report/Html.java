package dev.fid.cli.bench.report;

/// Text in HTML.
final class Html {
  private Html() {}

  static String text(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  static String element(String name, String text) {
    return "<" + name + ">" + text(text) + "</" + name + ">\n";
  }
}
