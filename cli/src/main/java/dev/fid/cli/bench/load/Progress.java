package dev.fid.cli.bench.load;

/// How far a trial is, when, and what the machine has computed until then.
///
/// @param cpu seconds of all processors that were not idle, from `/proc/stat`
record Progress(long nanos, long count, long bytes, double cpu) {
  static Progress of(Trial trial) {
    return new Progress(System.nanoTime(), trial.count(), trial.bytes(), Cpu.seconds());
  }

  Progress minus(Progress before) {
    return new Progress(
        nanos - before.nanos, count - before.count, bytes - before.bytes, cpu - before.cpu);
  }

  double seconds() {
    return nanos / 1e9;
  }
}
