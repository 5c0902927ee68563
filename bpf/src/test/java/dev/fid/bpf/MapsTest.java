package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import dev.fid.os.SocketPair;
import dev.fid.os.Sockets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresBpf
class MapsTest {
  private BpfObject object;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void load() throws BpfException {
    object = BpfSpec.resource("records").load();
  }

  @AfterEach
  void close() {
    object.close();
  }

  @Test
  void aMappedArrayIsSharedWithTheKernel() throws BpfException {
    var odd = object.mappedArray("odd");
    assertThat(odd.stride()).isEqualTo(16);
    assertThat(odd.memory().byteSize()).isEqualTo(48);
    odd.memory().set(JAVA_BYTE, 16 + 11, (byte) 40);
    try (var touch = object.program("touch_odd").testRun(16)) {
      assertThat(touch.run(16)).isZero();
    }
    assertThat(odd.memory().get(JAVA_BYTE, 11)).isEqualTo((byte) 1);
    assertThat(odd.memory().get(JAVA_BYTE, 16 + 11)).isEqualTo((byte) 42);
    assertThat(odd.memory().get(JAVA_BYTE, 32 + 11)).isEqualTo((byte) 3);
  }

  @Test
  void anArrayThatCannotBeMappedIsSaid() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> object.mappedArray("unmapped"))
        .withMessage("map unmapped lacks BPF_F_MMAPABLE");
  }

  @Test
  void aSockMapHoldsSocketsByIndex() throws Exception {
    var sockets = object.sockMap("sockets");
    try (var pair = SocketPair.tcp()) {
      assertThat(sockets.enrol(2, pair.client())).isZero();
      assertThat(sockets.enrol(3, pair.server())).isZero();
      assertThat(sockets.enrol(4, pair.server())).isEqualTo(-Errno.E2BIG);
      assertThat(sockets.size()).isEqualTo(2);
      assertThat(sockets.socketCookie(2)).isEqualTo(Sockets.cookie(pair.client()));
      assertThat(sockets.socketCookie(0)).isEqualTo(-Errno.ENOENT);
      assertThat(sockets.evict(2)).isZero();
      assertThat(sockets.evict(2)).isEqualTo(-Errno.EINVAL);
      assertThat(sockets.size()).isOne();
    }
    assertThat(sockets.size()).isZero();
  }

  @Test
  void aProgramOfAnotherKindIsNotAttached() {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() ->
            object
                .program("write_record")
                .attach(object.sockMap("sockets"), AttachType.SK_SKB_VERDICT))
        .withMessage("attach write_record to sockets as SK_SKB_VERDICT: EINVAL");
  }

  @Test
  void programsAndMapsHaveDescriptors() {
    assertThat(object.program("touch_odd").fd()).isPositive();
    assertThat(object.program("touch_odd").name()).isEqualTo("touch_odd");
    assertThat(object.sockMap("sockets").fd()).isPositive();
    assertThat(object.sockMap("sockets").name()).isEqualTo("sockets");
  }
}
