package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.fid.bpf.ffi.Btf;
import dev.fid.bpf.ffi.LibBpf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/// A C struct as the compiler laid it out in a BPF object, so that Java's view of it can be tested.
///
/// @param fields in the order of their declaration
public record BtfStruct(String name, long size, Map<String, Field> fields) {
  /// Offset and size in bytes.
  public record Field(long offset, long size) {}

  /// `struct btf_type` has three words; then come the members, of three words each.
  private static final long TYPE_BYTES = 12;

  private static final long MEMBER_BYTES = 12;

  /// Bits of an offset; those above hold the width of a bit field.
  private static final int OFFSET_MASK = 0xff_ffff;

  /// Reads the layout out of the object; any kernel will do.
  ///
  /// @throws IllegalArgumentException where the object has no struct of that name
  public static BtfStruct of(BpfSpec spec, String name) throws BpfException {
    try (var arena = Arena.ofConfined();
        var object = OpenObject.open(spec)) {
      var btf = LibBpf.objectBtf(object.pointer());
      int id = Btf.findByNameKind(btf, arena.allocateFrom(name), Btf.KIND_STRUCT);
      if (id < 0) {
        throw new IllegalArgumentException("no struct %s in %s".formatted(name, spec.name()));
      }
      return read(btf, Btf.typeById(btf, id).reinterpret(TYPE_BYTES), name);
    }
  }

  /// The member of that name.
  ///
  /// @throws IllegalArgumentException where the struct has no member of that name
  public Field field(String field) {
    var found = fields.get(field);
    if (found == null) {
      throw new IllegalArgumentException(
          "struct %s has no %s: it has %s".formatted(name, field, fields.keySet()));
    }
    return found;
  }

  /// In bytes from the start of the struct.
  public long offset(String field) {
    return field(field).offset();
  }

  private static BtfStruct read(MemorySegment btf, MemorySegment type, String name) {
    int count = type.getAtIndex(JAVA_INT, 1) & 0xffff;
    var members = type.reinterpret(TYPE_BYTES + count * MEMBER_BYTES);
    var fields = new LinkedHashMap<String, Field>();
    for (int i = 0; i < count; i++) {
      var member = members.asSlice(TYPE_BYTES + i * MEMBER_BYTES, MEMBER_BYTES);
      int bits = member.getAtIndex(JAVA_INT, 2) & OFFSET_MASK;
      long size = Btf.resolveSize(btf, member.getAtIndex(JAVA_INT, 1));
      fields.put(
          Btf.nameByOffset(btf, member.getAtIndex(JAVA_INT, 0)), new Field(bits / Byte.SIZE, size));
    }
    return new BtfStruct(name, type.getAtIndex(JAVA_INT, 2), fields);
  }
}
