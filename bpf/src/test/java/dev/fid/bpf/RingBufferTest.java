package dev.fid.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresBpf
class RingBufferTest {
  private static final int ORDER = 16;

  private BpfObject object;
  private RingBuffer ring;
  private TestRun writer;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void load() throws BpfException {
    object = BpfSpec.resource("records").load();
    ring = object.ringBuffer("ring");
    writer = object.program("write_record").testRun(32);
  }

  @AfterEach
  void close() {
    writer.close();
    ring.close();
    object.close();
  }

  @Test
  void recordsArriveWholeAndInOrder() throws BpfException {
    write(8, 1);
    write(13, 2);
    write(250, 3);
    var sizes = new ArrayList<Long>();
    var values = new ArrayList<Long>();
    int drained =
        ring.drain(record -> {
          sizes.add(record.byteSize());
          values.add(record.get(JAVA_LONG, 0));
        });
    assertThat(drained).isEqualTo(3);
    assertThat(sizes).containsExactly(8L, 13L, 250L);
    assertThat(values).containsExactly(1L, 2L, 3L);
  }

  @Test
  void recordsGoRoundTheEndOfTheRing() throws BpfException {
    for (long value = 0; value < 500; value++) {
      write(200, value); // 208 bytes with its header, which no ring is a multiple of
      if (value % 7 == 6) {
        assertThat(values())
            .containsExactly(
                value - 6, value - 5, value - 4, value - 3, value - 2, value - 1, value);
      }
    }
  }

  @Test
  void aFullRingRefusesUntilItIsRead() throws BpfException {
    int written = 0;
    while (run(200, false, written) == 0) {
      written++;
    }
    assertThat(run(200, false, 0)).isEqualTo(-Errno.EAGAIN);
    assertThat(values()).hasSize(written).last().isEqualTo(written - 1L);
    write(200, 7);
    assertThat(values()).containsExactly(7L);
  }

  @Test
  void discardedRecordsAreSteppedOver() throws BpfException {
    write(8, 1);
    assertThat(run(0, true, 0)).isZero();
    write(8, 2);
    assertThat(values()).containsExactly(1L, 2L);
    assertThat(run(0, true, 0)).isZero();
    assertThat(values()).isEmpty();
  }

  @Test
  void aRecordWhoseReaderThrowsCountsAsRead() throws BpfException {
    write(8, 1);
    write(8, 2);
    assertThatIllegalStateException()
        .isThrownBy(() ->
            ring.drain(_ -> {
              throw new IllegalStateException();
            }));
    assertThat(values()).containsExactly(2L);
  }

  @Test
  void aRecordCannotBeKept() throws BpfException {
    write(8, 1);
    ring.drain(record -> assertThat(record.isReadOnly()).isTrue());
    ring.close();
    ring.close();
    assertThatIllegalStateException().isThrownBy(() -> ring.drain(_ -> {}));
  }

  private List<Long> values() {
    var values = new ArrayList<Long>();
    ring.drain(record -> values.add(record.get(JAVA_LONG, 0)));
    return values;
  }

  private void write(int size, long value) throws BpfException {
    assertThat(run(size, false, value)).isZero();
  }

  private int run(int size, boolean discard, long value) throws BpfException {
    writer.data().set(JAVA_INT, ORDER, size);
    writer.data().set(JAVA_INT, ORDER + 4, discard ? 1 : 0);
    writer.data().set(JAVA_LONG, ORDER + 8, value);
    return writer.run(32);
  }
}
