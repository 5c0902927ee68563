package dev.fid.config;

/// Where something stands in a file; lines and columns count from 1.
record Place(String file, int line, int column) {
  /// A whole file, for what has no line.
  static Place of(String file) {
    return new Place(file, 0, 0);
  }

  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }
}
