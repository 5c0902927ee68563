package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.InNewNetwork;
import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Datagram;
import dev.fid.os.Fds;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import dev.fid.testkit.Messenger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The filter that takes datagrams off a socket that leaves its maps.
@RequiresBpf
@InNewNetwork
class CaughtTest {
  private static final int MIB = 1 << 20;

  private DatagramMaps maps;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void load() throws Exception {
    maps = new DatagramMaps(8);
  }

  @AfterEach
  void close() {
    maps.close();
  }

  private DatagramSlot enrol(DatagramEnds ends) throws Exception {
    DatagramSlot slot = Objects.requireNonNull(maps.claim(Family.UDP, null));
    int flags = DatagramLayout.FLAG_KEEPS_BOUNDARIES;
    slot.prepare(Sockets.cookie(ends.a()), 0, 4 * MIB, 0, flags, 0);
    assertThat(maps.noteReceiver(ends.a())).isZero();
    assertThat(maps.enrol(slot, ends.a(), ends.b())).isZero();
    return slot;
  }

  private static void send(int fd, long number, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message =
          length < Long.BYTES
              ? arena.allocate(length)
              : Messenger.message(arena.allocate(length), number, length);
      assertThat(Fds.send(fd, message)).isEqualTo(length);
    }
  }

  private static void assertIs(ByteBuffer datagram, long number, int length) {
    assertThat(datagram.remaining()).isEqualTo(length);
    if (length >= Long.BYTES) {
      assertThat(Messenger.check(MemorySegment.ofBuffer(datagram))).isEqualTo(number);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
  void eachIsCaughtWhole(Family family) throws Exception {
    List<Integer> lengths =
        family == Family.UDP
            ? List.of(0, 1, 255, 256, 257, 1400, 2048, 2049, 65_507)
            : List.of(0, 1, 255, 256, 257, 1400, 2048, 2049, 65_536, 65_537, MIB);
    try (DatagramEnds ends = DatagramEnds.of(family, Family.UDP)) {
      Sockets.setSendBuffer(ends.near(), 4 * MIB);
      DatagramSlot slot = enrol(ends);
      assertThat(maps.catchFrom(ends.a())).isZero();
      for (int i = 0; i < lengths.size(); i++) {
        send(ends.near(), i, lengths.get(i));
      }
      SocketPair.await(
          () -> slot.counter(DatagramLayout.CAUGHT_SKBS), caught -> caught == lengths.size());
      List<ByteBuffer> caught = maps.caught().take(slot.cookie());
      assertThat(caught).hasSameSizeAs(lengths);
      for (int i = 0; i < lengths.size(); i++) {
        assertIs(caught.get(i), i, lengths.get(i));
      }
      assertThat(maps.caught().take(slot.cookie())).isEmpty();
      assertThat(slot.counter(DatagramLayout.REDIRECTED_SKBS)).isZero();
      assertThat(Sockets.detachFilter(ends.a())).isZero();
    }
  }

  /// Two sockets may leave at a time.
  @Test
  void eachSocketHasItsOwn() throws Exception {
    try (DatagramEnds one = DatagramEnds.of(Family.UDP, Family.UDP);
        DatagramEnds two = DatagramEnds.of(Family.UNIX_DATAGRAM, Family.UDP)) {
      DatagramSlot first = enrol(one);
      DatagramSlot second = enrol(two);
      assertThat(maps.catchFrom(one.a())).isZero();
      assertThat(maps.catchFrom(two.a())).isZero();
      for (int i = 0; i < 10; i++) {
        send(one.near(), i, 100);
        send(two.near(), 100 + i, 100);
      }
      SocketPair.await(() -> first.counter(DatagramLayout.CAUGHT_SKBS), caught -> caught == 10);
      List<ByteBuffer> ofSecond = maps.caught().take(second.cookie());
      List<ByteBuffer> ofFirst = maps.caught().take(first.cookie());
      assertThat(ofFirst).hasSize(10);
      assertThat(ofSecond).hasSize(10);
      for (int i = 0; i < 10; i++) {
        assertIs(ofFirst.get(i), i, 100);
        assertIs(ofSecond.get(i), 100 + i, 100);
      }
    }
  }

  /// A full ring lets the rest through, also when it has room again.
  @ParameterizedTest
  @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
  void whatIsTooMuchGoesOn(Family family) throws Exception {
    int count = 140;
    int length = 60_000;
    try (DatagramEnds ends = DatagramEnds.of(family, Family.UDP);
        Datagram datagram = new Datagram(1 << 16)) {
      Sockets.setSendBuffer(ends.near(), 4 * MIB);
      Sockets.setSendBuffer(ends.b(), 16 * MIB);
      Sockets.raiseReceiveBuffer(ends.far(), 16 * MIB);
      DatagramSlot slot = enrol(ends);
      assertThat(maps.catchFrom(ends.a())).isZero();
      for (int i = 0; i < count; i++) {
        send(ends.near(), i, length);
      }
      SocketPair.await(
          () -> slot.counter(DatagramLayout.CAUGHT_SKBS) + slot.counter(DatagramLayout.MISSED_SKBS),
          seen -> seen == count);
      List<ByteBuffer> caught = maps.caught().take(slot.cookie());
      assertThat(caught.size()).isBetween(100, count - 1);
      for (int i = 0; i < caught.size(); i++) {
        assertIs(caught.get(i), i, length);
      }
      send(ends.near(), count, length);
      for (int i = caught.size(); i <= count; i++) {
        SocketPair.await(() -> datagram.receive(ends.far()), got -> got == length);
        assertThat(Messenger.check(datagram.payload())).isEqualTo(i);
      }
      assertThat(maps.caught().take(slot.cookie())).isEmpty();
    }
  }
}
