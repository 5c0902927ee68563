package dev.fid.cli.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.cli.bench.load.BadRelay.Wrong;
import dev.fid.cli.bench.workload.Kind;
import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Order;
import dev.fid.cli.bench.workload.Outcome;
import dev.fid.cli.bench.workload.Workload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GeneratorTest {
  private static final int MILLIS = 100;

  /// So long that no thread waits for a processor all the time.
  private static final int LONG_MILLIS = 2000;

  private static final int SIZE = 64;

  private final Generator generator;

  /// For what never comes.
  private final Generator impatient;

  private final int back;
  private final int impatientBack;

  GeneratorTest() throws IOException {
    generator = new Generator(Duration.ofMinutes(1));
    impatient = new Generator(Duration.ofSeconds(5));
    back = freePort();
    impatientBack = freePort();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static String uri(int port) {
    return "tcp://127.0.0.1:" + port;
  }

  private static Order order(Kind kind, String front, String backUri, int millis, long rate) {
    Workload workload = new Workload("test", "", kind, 5, SIZE);
    return new Order(workload, front, backUri, 20, millis, rate, 0, System.nanoTime());
  }

  private Outcome run(Kind kind, String front, String backUri) throws Exception {
    return generator.run(order(kind, front, backUri, MILLIS, 0));
  }

  private Outcome through(Kind kind, Wrong upstream, Wrong downstream) throws Exception {
    try (BadRelay relay = BadRelay.start(back, upstream, downstream)) {
      return run(kind, relay.uri(), uri(back));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "ONE_WAY")
  void measuresEveryKindWithoutARelay(Kind kind) throws Exception {
    Outcome outcome = generator.run(order(kind, uri(back), uri(back), LONG_MILLIS, 0));

    assertThat(outcome.failure()).isNull();
    assertThat(outcome.figures()).containsOnlyKeys(kind.metrics());
    if (kind.timed() || kind == Kind.START) {
      assertThat(outcome.figures().get(kind.metrics().getFirst())).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "ONE_WAY")
  void measuresEveryKindOverUnixSockets(Kind kind, @TempDir Path folder) throws Exception {
    String uri = "unix://" + folder.resolve("b.sock");
    assertThat(run(kind, uri, uri).failure()).isNull();
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "ONE_WAY")
  void aFaithfulRelayDoesNotFail(Kind kind) throws Exception {
    assertThat(through(kind, Wrong.NOTHING, Wrong.NOTHING).failure()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "ROUND_TRIPS, FLIPS_A_BYTE, byte 50 is wrong",
    "BULK_UP, FLIPS_A_BYTE, back end: byte 50 is wrong",
    "BULK_BOTH, FLIPS_A_BYTE, byte 50 is wrong",
    "CHURN, FLIPS_A_BYTE, byte 50 is wrong",
    "SEND_CLOSE, FLIPS_A_BYTE, byte 50 is wrong",
    "IDLE, FLIPS_A_BYTE, byte 50 is wrong",
    "START, FLIPS_A_BYTE, it does not answer",
    "ROUND_TRIPS, LOSES_A_BYTE, is wrong",
    "BULK_UP, LOSES_A_BYTE, back end: byte 5[0-2] is wrong",
    "SEND_CLOSE, LOSES_A_BYTE, is wrong",
    "BULK_UP, DOUBLES_A_BYTE, back end: byte 5[0-2] is wrong",
    "ROUND_TRIPS, CUTS, the connection ended early",
    "SEND_CLOSE, CUTS, the connection ended early",
  })
  void aRelayThatDoesWrongFails(Kind kind, Wrong wrong, String failure) throws Exception {
    Outcome outcome = through(kind, wrong, Wrong.NOTHING);

    assertThat(outcome.failure()).containsPattern(failure);
    assertThat(outcome.figures()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ROUND_TRIPS, SWALLOWS, waited 5 s for",
    "BULK_UP, SWALLOWS, 'waited 5 s for bytes to arrive: 5 connections are open, 5 lack bytes'",
    "ROUND_TRIPS, KEEPS_THE_END, waited 5 s for ends to arrive",
    "CHURN, KEEPS_THE_END, waited 5 s for ends to arrive",
  })
  void whatDoesNotComeIsNotWaitedForForEver(Kind kind, Wrong wrong, String failure)
      throws Exception {
    try (BadRelay relay = BadRelay.start(impatientBack, wrong, Wrong.NOTHING)) {
      assertThat(impatient.run(order(kind, relay.uri(), uri(impatientBack), MILLIS, 0)).failure())
          .contains(failure);
    }
  }

  @Test
  void whatIsWrongOnTheWayBackShowsToo() throws Exception {
    assertThat(through(Kind.ROUND_TRIPS, Wrong.NOTHING, Wrong.FLIPS_A_BYTE).failure())
        .contains("client: byte 50 is wrong");
    assertThat(through(Kind.BULK_BOTH, Wrong.NOTHING, Wrong.LOSES_A_BYTE).failure())
        .containsPattern("client: byte 5[0-2] is wrong"); // bytes of the pattern may be the same
  }

  @Test
  void nobodyThereIsAFailure() throws Exception {
    assertThat(run(Kind.ROUND_TRIPS, "tcp://127.0.0.1:1", uri(back)).failure())
        .contains("connect: ECONNREFUSED");
  }

  @Test
  void aFailureDoesNotSpoilWhatComesAfter() throws Exception {
    assertThat(through(Kind.BULK_BOTH, Wrong.CUTS, Wrong.CUTS).good()).isFalse();
    assertThat(run(Kind.BULK_BOTH, uri(back), uri(back)).failure()).isNull();
  }

  /// A closed loop would do many times as many.
  @Test
  void anOpenLoopKeepsToItsRate() throws Exception {
    Outcome outcome =
        generator.run(order(Kind.ROUND_TRIPS, uri(back), uri(back), LONG_MILLIS, 200));
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.figures().get(Metric.TRIPS)).isPositive().isLessThan(2000);
  }
}
