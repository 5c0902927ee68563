package dev.fid.cli.bench.load;

import java.io.IOException;

/// What a descriptor's events are given to, on its loop's thread.
interface Handler {
  void ready(int events) throws IOException;
}
