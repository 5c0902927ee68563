package dev.fid.bpf;

import dev.fid.bpf.ffi.LibBpf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// libbpf's view of an object file: parsed, and perhaps loaded.
final class OpenObject implements AutoCloseable {
  /// `struct bpf_object_open_opts` up to the last member that is set here.
  private static final MemoryLayout OPTIONS =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("sz"), ValueLayout.ADDRESS.withName("object_name"));

  private static final VarHandle SIZE = OPTIONS.varHandle(PathElement.groupElement("sz"));
  private static final VarHandle NAME = OPTIONS.varHandle(PathElement.groupElement("object_name"));

  private final MemorySegment object;
  private boolean closed;

  private OpenObject(MemorySegment object) {
    this.object = object;
  }

  static OpenObject open(BpfSpec spec) throws BpfException {
    var missing = LibBpf.missing();
    if (missing.isPresent()) {
      throw new BpfException("open %s: %s".formatted(spec.name(), missing.get()), 0);
    }
    try (var arena = Arena.ofConfined()) {
      var options = arena.allocate(OPTIONS);
      SIZE.set(options, 0L, OPTIONS.byteSize());
      NAME.set(options, 0L, arena.allocateFrom(spec.name()));
      var image = arena.allocateFrom(ValueLayout.JAVA_BYTE, spec.image());
      long object = LibBpf.objectOpenMem(image, options);
      if (object < 0) {
        throw BpfException.of(
            "open " + spec.name(), (int) -object, "libbpf cannot read this object file");
      }
      var opened = new OpenObject(MemorySegment.ofAddress(object));
      try {
        spec.maxEntries().forEach(opened::size);
      } catch (IllegalArgumentException e) {
        opened.close();
        throw e;
      }
      return opened;
    }
  }

  private void size(String map, int maxEntries) {
    int failure = LibBpf.mapSetMaxEntries(map(map), maxEntries);
    if (failure < 0) {
      throw new IllegalArgumentException(
          "map %s cannot have %d entries".formatted(map, maxEntries));
    }
  }

  MemorySegment pointer() {
    return object;
  }

  MemorySegment map(String name) {
    try (var arena = Arena.ofConfined()) {
      var map = LibBpf.objectFindMapByName(object, arena.allocateFrom(name));
      return found("map", name, map, this::nextMap, LibBpf::mapName);
    }
  }

  MemorySegment program(String name) {
    try (var arena = Arena.ofConfined()) {
      var program = LibBpf.objectFindProgramByName(object, arena.allocateFrom(name));
      return found("program", name, program, this::nextProgram, LibBpf::programName);
    }
  }

  private MemorySegment nextMap(MemorySegment map) {
    return LibBpf.objectNextMap(object, map);
  }

  private MemorySegment nextProgram(MemorySegment program) {
    return LibBpf.objectNextProgram(object, program);
  }

  private static MemorySegment found(
      String kind,
      String name,
      MemorySegment found,
      UnaryOperator<MemorySegment> next,
      Function<MemorySegment, String> nameOf) {
    if (found.address() != 0) {
      return found;
    }
    List<String> names = new ArrayList<>();
    for (var each = next.apply(MemorySegment.NULL); each.address() != 0; each = next.apply(each)) {
      names.add(nameOf.apply(each));
    }
    throw new IllegalArgumentException(
        "no %s `%s` in the object: it has %s".formatted(kind, name, String.join(", ", names)));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibBpf.objectClose(object);
    }
  }
}
