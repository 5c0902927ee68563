package dev.fid.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EpollTest {
  private static final long PATIENCE = 10_000_000_000L;
  private static final int TOKEN = 7;

  @Test
  void bringsBackTheTokenOfWhatIsReady() throws Exception {
    try (Epoll epoll = Epoll.open();
        SocketPair pair = SocketPair.unix();
        SocketPair other = SocketPair.unix()) {
      epoll.add(other.server(), Epoll.IN, 1);
      epoll.add(pair.server(), Epoll.IN, TOKEN);
      assertThat(epoll.await(0)).isZero();

      SocketPair.sendAll(pair.client(), "x");

      assertThat(epoll.await(PATIENCE)).isOne();
      assertThat(epoll.token(0)).isEqualTo(TOKEN);
      assertThat(epoll.events(0)).isEqualTo(Epoll.IN);
    }
  }

  @Test
  void tellsEachOfSeveralApart() throws Exception {
    try (Epoll epoll = Epoll.open();
        SocketPair pair = SocketPair.tcp()) {
      epoll.add(pair.client(), Epoll.OUT, 1);
      epoll.add(pair.server(), Epoll.OUT, 2);

      assertThat(epoll.await(PATIENCE)).isEqualTo(2);
      assertThat(new int[] {epoll.token(0), epoll.token(1)}).containsExactlyInAnyOrder(1, 2);
    }
  }

  @Test
  void changesItsInterest() throws Exception {
    try (Epoll epoll = Epoll.open();
        SocketPair pair = SocketPair.unix()) {
      epoll.add(pair.client(), Epoll.OUT, TOKEN);
      assertThat(epoll.await(PATIENCE)).isOne();

      epoll.modify(pair.client(), Epoll.IN, TOKEN);

      assertThat(epoll.await(0)).isZero();
    }
  }

  @Test
  void waitsNoLongerThanItIsTold() throws Exception {
    try (Epoll epoll = Epoll.open()) {
      long start = System.nanoTime();
      assertThat(epoll.await(1_500_000)).isZero();
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_500_000);
    }
  }

  @Test
  void saysWhatItCannotWatch() throws Exception {
    try (Epoll epoll = Epoll.open()) {
      assertThatThrownBy(() -> epoll.add(-1, Epoll.IN, 0))
          .isInstanceOf(OsException.class)
          .hasMessageContaining("epoll_ctl(ADD): EBADF");
    }
  }
}
