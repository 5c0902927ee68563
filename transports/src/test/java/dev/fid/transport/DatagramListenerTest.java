package dev.fid.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.pipe.Address;
import dev.fid.pipe.Transport;
import dev.fid.testkit.Memory;
import dev.fid.transport.udp.UdpTransport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DatagramListenerTest {
  @RegisterExtension static final Rig rig = new Rig();

  private final UdpTransport udp = new UdpTransport();

  private Transport.Listener listen(int port) throws Exception {
    return rig.listen(udp, new Address.Udp("127.0.0.1", port));
  }

  /// Netty does not close what is registered then. The port is free again: another can have it.
  @Test
  void closesWithALoopThatOneOfItsTasksEnds() throws Exception {
    Transport.Listener listener = listen(0);
    rig.accept(listener);
    rig.loop().execute(rig::beginStop);

    rig.stop();

    assertThat(listen(((Address.Udp) listener.address()).port()).address())
        .isEqualTo(listener.address());
  }

  /// Where its loop lives on, as that of a pipe that is stopped.
  @Test
  void givesItsMemoryBackAsItCloses() throws Exception {
    openAndClose(20);
    long before = Memory.resident(ProcessHandle.current().pid());
    openAndClose(400);
    assertThat(Memory.resident(ProcessHandle.current().pid())).isLessThan(before + (50 << 20));
  }

  private void openAndClose(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      Transport.Listener listener = listen(0);
      rig.accept(listener);
      rig.loop().submit(() -> {}).sync();
      listener.close();
      rig.loop().submit(() -> {}).sync();
    }
  }
}
