package dev.fid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fid.testkit.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemdNotifyTest {
  @TempDir Path folder;

  @Test
  void tellsAPath() throws IOException, InterruptedException {
    assertTold(folder.resolve("notify").toString());
  }

  @Test
  void tellsAnAbstractName() throws IOException, InterruptedException {
    assertTold("@fid-notify-" + ProcessHandle.current().pid());
  }

  @Test
  void isSilentWhereNobodyListens() throws IOException {
    new SystemdNotify(null).ready();
    new SystemdNotify("").stopping();
  }

  @Test
  void saysWhatItTriedWhenNobodyIsThere() throws IOException, InterruptedException {
    OpenFiles before = OpenFiles.self();
    String missing = folder.resolve("missing").toString();

    assertThatThrownBy(() -> new SystemdNotify(missing).ready())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("notify " + missing)
        .hasMessageContaining("No such file");
    assertThatThrownBy(() -> new SystemdNotify("vsock:2:1").ready())
        .hasMessageContaining("notify vsock:2:1: only UNIX paths");
    before.assertBack(Duration.ofSeconds(10));
  }

  private static void assertTold(String name) throws IOException, InterruptedException {
    try (NotifySocket systemd = NotifySocket.bind(name)) {
      OpenFiles before = OpenFiles.self();
      SystemdNotify notify = new SystemdNotify(name);

      notify.ready();
      notify.stopping();

      assertThat(systemd.next()).startsWith("READY=1\n");
      assertThat(systemd.next()).startsWith("STOPPING=1\n");
      before.assertBack(Duration.ofSeconds(10));
    }
  }
}
