package dev.fid;

/// How an instance of Fid is set up.
///
/// @param loops event loop threads
/// @param capacity splices in the kernel at once, two lanes each; one more is relayed
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

  /// A loop for each processor, up to four, and 32,768 splices: about 20 MiB of maps in the kernel.
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
