package dev.fid.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fid.bpf.testing.RequiresBpf;
import dev.fid.os.Cgroup;
import dev.fid.os.Errno;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresBpf
class CgroupLinkTest {
  private BpfObject object;

  @BeforeEach
  @SuppressWarnings("MustBeClosed") // closed after each test
  void load() throws BpfException {
    object = BpfSpec.resource("splice").load();
  }

  @AfterEach
  void close() {
    object.close();
  }

  @Test
  void severalShareACgroup() throws Exception {
    BpfProgram program = object.program("pause_source");
    try (CgroupLink first = program.attach(Cgroup.own());
        CgroupLink second = program.attach(Cgroup.own())) {
      assertThat(first).isNotSameAs(second);
    }
  }

  @Test
  @SuppressWarnings("MustBeClosed") // there is nothing to close
  void aFolderThatIsNoCgroupIsSaid(@TempDir Path folder) {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> object.program("pause_source").attach(folder))
        .withMessage(
            "attach pause_source to %s: EBADF: it is no directory of a cgroup2 file system",
            folder);
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> object.program("pause_source").attach(folder.resolve("none")))
        .withMessage(
            "attach pause_source to %s/none: ENOENT: no such cgroup can be opened", folder);
  }

  @Test
  @SuppressWarnings("MustBeClosed") // there is nothing to close
  void aProgramOfAnotherKindIsRefused() {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> object.program("splice_verdict").attach(Cgroup.own()))
        .withMessageStartingWith("attach splice_verdict to ")
        .satisfies(refusal -> assertThat(refusal.errno()).isEqualTo(Errno.EINVAL));
  }
}
