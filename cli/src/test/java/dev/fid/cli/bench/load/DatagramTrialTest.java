package dev.fid.cli.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.cli.bench.load.BadDatagramRelay.Wrong;
import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Order;
import dev.fid.cli.bench.workload.Outcome;
import dev.fid.cli.bench.workload.Workload;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DatagramTrialTest {
  private static final int CLIENTS = 5;
  private static final int RATE = 500;

  /// So long that no thread waits for a processor all the time; what is wrong ends it at once.
  private static final int MILLIS = 2000;

  private final Load load = Load.start(Duration.ofMinutes(1));

  /// For what never comes.
  private final Load impatient = Load.start(Duration.ofSeconds(5));

  /// A generator, and the port of its back end.
  private record Load(Generator generator, int back) {
    static Load start(Duration patience) throws IOException {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      try (DatagramSocket free = new DatagramSocket(new InetSocketAddress(loopback, 0))) {
        return new Load(new Generator(patience), free.getLocalPort());
      }
    }

    Outcome run(Kind kind, int front, long rate) throws Exception {
      Workload workload = new Workload("test", "", kind, CLIENTS, 64, rate);
      return generator.run(
          new Order(workload, uri(front), uri(back), 20, MILLIS, rate, 0, System.nanoTime()));
    }

    Outcome through(Kind kind, Wrong wrong) throws Exception {
      try (BadDatagramRelay relay = BadDatagramRelay.start(back, wrong)) {
        return run(kind, relay.port(), kind == Kind.ONE_WAY ? RATE : 0);
      }
    }
  }

  DatagramTrialTest() throws IOException {}

  private static String uri(int port) {
    return "udp://127.0.0.1:" + port;
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"ROUND_TRIPS", "ONE_WAY", "IDLE", "START"})
  void measuresWithoutARelay(Kind kind) throws Exception {
    Outcome outcome = load.run(kind, load.back(), kind == Kind.ONE_WAY ? RATE : 0);

    assertThat(outcome.failure()).isNull();
    assertThat(outcome.figures()).containsOnlyKeys(kind.metrics());
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"ROUND_TRIPS", "ONE_WAY", "IDLE", "START"})
  void aFaithfulRelayLosesNothing(Kind kind) throws Exception {
    Outcome outcome = load.through(kind, Wrong.NOTHING);

    assertThat(outcome.failure()).isNull();
    if (kind == Kind.ONE_WAY) {
      assertThat(outcome.figures()).containsEntry(Metric.LOST, 0.0);
    }
  }

  /// A request without an answer fails a relay, and does not stop the client that sent it.
  @Test
  void aLostRequestIsAFailure() throws Exception {
    assertThat(impatient.through(Kind.ROUND_TRIPS, Wrong.LOSES).failure())
        .matches("lost [1-9]\\d* of \\d+ datagrams.*");
  }

  @Test
  void whatIsLostOneWayIsCounted() throws Exception {
    Outcome outcome = load.through(Kind.ONE_WAY, Wrong.LOSES);

    assertThat(outcome.failure()).isNull();
    assertThat(outcome.figures().get(Metric.LOST)).isBetween(5.0, 15.0);
  }

  @ParameterizedTest
  @CsvSource({
    "ROUND_TRIPS, FLIPS, bytes are wrong",
    "ONE_WAY, FLIPS, bytes are wrong",
    "ROUND_TRIPS, CUTS, a datagram of 63 bytes in place of 64",
    "ONE_WAY, CUTS, a datagram of 63 bytes in place of 64",
    "ROUND_TRIPS, DOUBLES, came twice",
    "ONE_WAY, DOUBLES, came twice",
    "ROUND_TRIPS, MIXES_UP, client: got what client",
  })
  void whatComesWrongIsAFailure(Kind kind, Wrong wrong, String failure) throws Exception {
    assertThat(load.through(kind, wrong).failure()).contains(failure);
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"ROUND_TRIPS", "ONE_WAY"})
  void whatDoesNotComeIsNotWaitedForForEver(Kind kind) throws Exception {
    assertThat(impatient.through(kind, Wrong.SWALLOWS).failure())
        .contains("waited 5 s for first datagrams");
  }

  @Test
  void nobodyThereIsAFailure() throws Exception {
    assertThat(load.run(Kind.ROUND_TRIPS, 1, 0).failure()).contains("ECONNREFUSED");
  }

  /// A closed loop would do many times as many.
  @Test
  void anOpenLoopKeepsToItsRate() throws Exception {
    Outcome outcome = load.run(Kind.ROUND_TRIPS, load.back(), 200);

    assertThat(outcome.failure()).isNull();
    assertThat(outcome.figures().get(Metric.TRIPS)).isPositive().isLessThan(2000);
  }
}
