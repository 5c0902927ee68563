package dev.fid.bpf;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/// A BPF object file and the sizes of its maps, before any kernel has seen it.
public final class BpfSpec {
  private final String name;
  private final byte[] image;
  private final Map<String, Integer> maxEntries;

  private BpfSpec(String name, byte[] image, Map<String, Integer> maxEntries) {
    this.name = name;
    this.image = image;
    this.maxEntries = maxEntries;
  }

  /// The object that was compiled from `NAME.bpf.c` and travels in the class path.
  ///
  /// @throws IllegalArgumentException where there is none
  public static BpfSpec resource(String name) {
    String path = "/dev/fid/bpf/" + name + ".bpf.o";
    try (var stream = BpfSpec.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IllegalArgumentException("no BPF object %s in the class path".formatted(path));
      }
      return of(name, stream.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("read BPF object " + path, e);
    }
  }

  static BpfSpec of(String name, byte[] image) {
    return new BpfSpec(name, image.clone(), Map.of());
  }

  /// The same object with room for `maxEntries` in one of its maps; for a ring buffer, bytes.
  public BpfSpec withMaxEntries(String map, int maxEntries) {
    if (maxEntries <= 0) {
      throw new IllegalArgumentException("map %s: max entries of %d".formatted(map, maxEntries));
    }
    var sizes = new TreeMap<>(this.maxEntries);
    sizes.put(map, maxEntries);
    return new BpfSpec(name, image, Map.copyOf(sizes));
  }

  /// Creates the maps and loads the programs into the running kernel; the object owns both, and the
  /// kernel drops them when it is closed.
  ///
  /// @throws VerifierException where the kernel's verifier rejects a program
  /// @throws BpfException where libbpf, a capability, BTF or a kernel feature is missing
  /// @throws IllegalArgumentException where a map was sized that the object does not have
  @MustBeClosed
  public BpfObject load() throws BpfException {
    return ObjectLoader.load(this);
  }

  String name() {
    return name;
  }

  byte[] image() {
    return image;
  }

  Map<String, Integer> maxEntries() {
    return maxEntries;
  }
}
