package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.BpfException;
import dev.fid.bpf.BpfSpec;
import dev.fid.bpf.BtfStruct;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// [LaneLayout] against what clang made of `splice.h`.
class LaneLayoutTest {
  private static final BpfSpec SPLICE = BpfSpec.resource("splice");
  private static final String QUERY = "QUERY_";

  private static Map<String, Long> offsets(BtfStruct struct) {
    Map<String, Long> offsets = new TreeMap<>();
    struct.fields().forEach((name, field) -> offsets.put(name, field.offset()));
    offsets.remove("reserved"); // fills the last cache line
    return offsets;
  }

  /// The long constants whose names are so, under the names that C has for them.
  private static Map<String, Long> constants(
      Class<?> layout, Predicate<String> names, String prefix) {
    return Arrays.stream(layout.getDeclaredFields())
        .filter(field -> field.getType() == long.class && names.test(field.getName()))
        .filter(field -> !field.getName().endsWith("SIZE"))
        .collect(
            Collectors.toMap(
                field -> field.getName().substring(prefix.length()).toLowerCase(Locale.ROOT),
                LaneLayoutTest::value));
  }

  private static long value(Field constant) {
    try {
      return constant.getLong(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void laneIsLaidOutAsInC() throws BpfException {
    BtfStruct lane = BtfStruct.of(SPLICE, "lane");
    assertThat(lane.size()).isEqualTo(LaneLayout.SIZE);
    assertThat(constants(LaneLayout.class, name -> !name.startsWith(QUERY), ""))
        .isEqualTo(offsets(lane));
  }

  @Test
  void backlogQueryIsLaidOutAsInC() throws BpfException {
    BtfStruct query = BtfStruct.of(SPLICE, "backlog_query");
    assertThat(query.size()).isEqualTo(LaneLayout.QUERY_SIZE);
    assertThat(constants(LaneLayout.class, name -> name.startsWith(QUERY), QUERY))
        .isEqualTo(offsets(query));
  }

  @Test
  void datagramLaneIsLaidOutAsInC() throws BpfException {
    BtfStruct lane = BtfStruct.of(BpfSpec.resource("datagram"), "datagram_lane");
    assertThat(lane.size()).isEqualTo(DatagramLayout.SIZE);
    assertThat(constants(DatagramLayout.class, name -> !name.startsWith(QUERY), ""))
        .isEqualTo(offsets(lane));
  }

  @Test
  void sourceQueryIsLaidOutAsInC() throws BpfException {
    BtfStruct query = BtfStruct.of(BpfSpec.resource("datagram"), "source_query");
    assertThat(query.size()).isEqualTo(DatagramLayout.QUERY_SIZE);
    assertThat(constants(DatagramLayout.class, name -> name.startsWith(QUERY), QUERY))
        .isEqualTo(offsets(query));
  }
}
