package dev.fid.pipe;

/// Whole numbers from `min` to `max`, both included.
public record Range(long min, long max) {
  public Range {
    if (min > max) {
      throw new IllegalArgumentException("range " + min + ".." + max + " is empty");
    }
  }

  public boolean contains(long value) {
    return min <= value && value <= max;
  }

  @Override
  public String toString() {
    return min + ".." + max;
  }
}
