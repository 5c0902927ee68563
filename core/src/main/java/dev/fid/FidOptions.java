package dev.fid;

/// How an instance of Fid is set up.
///
/// @param loops event loop threads, 1 to 256
/// @param capacity splices in the kernel at once, two lanes each, 1 to 1,048,576; one more is
///   relayed. A lane's place is free again a second after it has ended
/// @param useKernel false: relay everything
public record FidOptions(int loops, int capacity, boolean useKernel) {
  public FidOptions {
    if (loops < 1 || loops > 256) {
      throw new IllegalArgumentException("loops " + loops + " is not in 1..256");
    }
    if (capacity < 1 || capacity > 1 << 20) {
      throw new IllegalArgumentException("capacity " + capacity + " is not in 1.." + (1 << 20));
    }
  }

  /// A loop for each processor, up to four, and 32,768 splices: 16 MiB of maps in the kernel while
  /// they are empty (the sum of `memlock` in `/proc/PID/fdinfo`).
  public static FidOptions defaults() {
    return new FidOptions(Math.min(4, Runtime.getRuntime().availableProcessors()), 1 << 15, true);
  }

  public FidOptions withLoops(int value) {
    return new FidOptions(value, capacity, useKernel);
  }

  public FidOptions withCapacity(int value) {
    return new FidOptions(loops, value, useKernel);
  }

  public FidOptions withKernel(boolean value) {
    return new FidOptions(loops, capacity, value);
  }
}
