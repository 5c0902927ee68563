package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.os.Errno;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Both movers, and the pool that lends them.
class MoverTest {
  @RegisterExtension final Engine engine = new Engine(false);

  private static Mover mover(boolean pipe) throws Exception {
    return pipe ? new PipeMover() : new BufferMover();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void holdsWhatTheTargetDoesNotTake(boolean pipe) throws Exception {
    try (SocketPair from = SocketPair.unix();
        SocketPair to = SocketPair.unix()) {
      Peer writer = new Peer(from);
      Peer reader = new Peer(to);
      Sockets.setSendBuffer(to.server(), 4096);
      Mover mover = mover(pipe);
      assertThat(mover.fill(from.server())).isEqualTo(-Errno.EAGAIN);
      assertThat(mover.held()).isZero();
      writer.send(100_000);
      long taken = mover.fill(from.server());
      assertThat(taken).isEqualTo(mover.held()).isPositive();
      long given = 0;
      long more;
      while ((more = mover.flush(to.server())) > 0) {
        given += more;
      }
      assertThat(more).isEqualTo(-Errno.EAGAIN);
      assertThat(mover.held()).isEqualTo(taken - given).isPositive();
      reader.receive(given);
      while (mover.held() > 0) {
        long step = mover.flush(to.server());
        reader.receive(Math.max(0, step));
      }
      mover.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void saysTheEndAndTheError(boolean pipe) throws Exception {
    Mover mover = mover(pipe);
    try (SocketPair from = SocketPair.tcp()) {
      Peer writer = new Peer(from);
      writer.send(1).endWriting();
      SocketPair.await(() -> mover.fill(from.server()), taken -> taken == 1);
    }
    try (SocketPair to = SocketPair.unix()) {
      new Peer(to).close();
      assertThat(mover.flush(to.server())).isEqualTo(-Errno.EPIPE);
      assertThat(mover.held()).isEqualTo(1);
    }
    mover.close();
  }

  @Test
  void aPoolIsBoundedAndCallsWhoWaits() throws Exception {
    try (Ends ends = Ends.tcp()) {
      Lane lane = ends.unstarted(engine.splicer(), SpliceOptions.defaults()).upstream();
      MoverPool pool = new MoverPool(1, 1);
      Mover pipe = lend(pool, lane);
      Mover buffer = lend(pool, lane);
      assertThat(List.of(pipe, buffer))
          .hasExactlyElementsOfTypes(PipeMover.class, BufferMover.class);
      ends.near.send(1000);
      assertThat(pool.lend(lane)).isNull();

      ends.awaitNearQueued(1000);
      // Called, the lane moves what is there: nobody else tells it.
      pool.release(buffer);
      ends.far.receive(1000);
      assertThat(lend(pool, lane)).as("kept for the next").isSameAs(buffer);
      pool.release(pipe);
      pool.release(buffer);
      pool.close();
    }
  }

  @Test
  void aMoverThatHoldsBytesIsThrownAway() throws Exception {
    try (Ends ends = Ends.tcp();
        SocketPair from = SocketPair.unix()) {
      Lane lane = ends.unstarted(engine.splicer(), SpliceOptions.defaults()).upstream();
      MoverPool pool = new MoverPool(1, 1);
      Mover first = lend(pool, lane);
      new Peer(from).send(10);
      assertThat(first.fill(from.server())).isEqualTo(10);
      pool.release(first);
      Mover second = lend(pool, lane);
      assertThat(second).isInstanceOf(PipeMover.class).isNotSameAs(first);
      assertThat(second.held()).isZero();
      pool.release(second);
      pool.close();
    }
  }

  private static Mover lend(MoverPool pool, Lane lane) {
    return Objects.requireNonNull(pool.lend(lane));
  }
}
