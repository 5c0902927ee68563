package dev.fid.cli;

/// Writes amounts of bytes for people: `0 B`, `999 B`, `1.5 GB`; decimal units.
final class Bytes {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

  private Bytes() {}

  static String format(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 999.95 && unit < UNITS.length - 1) {
      amount /= 1000;
      unit++;
    }
    return unit == 0 ? bytes + " B" : "%.1f %s".formatted(amount, UNITS[unit]);
  }
}
