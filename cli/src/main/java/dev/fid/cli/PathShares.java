package dev.fid.cli;

import dev.fid.pipe.PipeStats;
import dev.fid.splice.LaneStats;

/// How many bytes of a pipe, both ways together, took which path.
record PathShares(long kernel, long pump, long relay) {
  static PathShares of(PipeStats stats) {
    LaneStats up = stats.upstream();
    LaneStats down = stats.downstream();
    return new PathShares(
        up.kernelBytes() + down.kernelBytes(),
        up.pumpBytes() + down.pumpBytes(),
        up.relayBytes() + down.relayBytes());
  }

  @Override
  public String toString() {
    return "moved        by the kernel %s, by the pump %s, by the relay %s"
        .formatted(share(kernel), share(pump), share(relay));
  }

  private String share(long bytes) {
    long all = kernel + pump + relay;
    if (bytes == 0) {
      return "0 B";
    }
    double percent = 100.0 * bytes / all;
    String share = percent < 0.1 ? "under 0.1" : "%.1f".formatted(percent);
    return "%s (%s %%)".formatted(Bytes.format(bytes), share);
  }
}
