package dev.fid.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Errno;
import dev.fid.pipe.Address;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AcceptTroubleTest {
  private static final long START = Long.MAX_VALUE - 5; // nanoTime may wrap

  private final Lines lines = new Lines(AcceptTrouble.class);
  private final AcceptTrouble trouble =
      new AcceptTrouble(
          LoggerFactory.getLogger(AcceptTrouble.class), new Address.Tcp("127.0.0.1", 8080));

  @AfterEach
  void close() {
    lines.close();
  }

  @Test
  void saysOnceThatItFailsAndOnceThatItGoesOn() {
    trouble.failed(Errno.EMFILE, START);
    trouble.failed(Errno.EMFILE, START + millis(100));
    trouble.failed(Errno.EMFILE, START + millis(200));
    trouble.over(START + millis(300));

    assertThat(lines.seen())
        .containsExactly(
            "WARNING accept on tcp://127.0.0.1:8080: EMFILE (Too many open files): raise this"
                + " process's limit of open files (ulimit -n, LimitNOFILE=); connections wait in"
                + " the queue",
            "WARNING accept on tcp://127.0.0.1:8080: goes on again after 300 ms and 3 failed tries");
  }

  @Test
  void isQuietAboutTroubleThatComesAndGoes() {
    for (int i = 0; i < 50; i++) {
      trouble.failed(Errno.ENFILE, START + millis(100L * i));
      trouble.over(START + millis(100L * i + 50));
    }

    assertThat(lines.seen()).hasSize(2);
  }

  @Test
  void saysItAgainWhenTheQuietTimeIsOver() {
    trouble.failed(Errno.EMFILE, START);
    trouble.over(START + 1);
    trouble.failed(Errno.EMFILE, START + AcceptTrouble.QUIET_NANOS);

    assertThat(lines.seen()).hasSize(3);
  }

  @Test
  void speaksOfTroubleThatOutlastsTheQuietTime() {
    trouble.failed(Errno.EMFILE, START);
    trouble.over(START + 1);
    trouble.failed(Errno.ENOMEM, START + 2);
    trouble.failed(Errno.ENOMEM, START + AcceptTrouble.QUIET_NANOS);

    assertThat(lines.seen().getLast()).contains("ENOMEM");
  }

  @Test
  void failsUntilItIsOver() {
    assertThat(trouble.failing()).isFalse();
    trouble.failed(Errno.EMFILE, START);
    assertThat(trouble.failing()).isTrue();
    trouble.over(START);
    assertThat(trouble.failing()).isFalse();
  }

  private static long millis(long count) {
    return TimeUnit.MILLISECONDS.toNanos(count);
  }
}
