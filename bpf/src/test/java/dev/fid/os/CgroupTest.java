package dev.fid.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupTest {
  private static final String OTHER = "22 1 0:20 / /proc rw - proc proc rw\n";

  @TempDir private Path process;

  private Path own(String mounts, String membership) throws IOException {
    Files.writeString(process.resolve("mountinfo"), OTHER + mounts);
    Files.writeString(process.resolve("cgroup"), membership);
    return Cgroup.own(process);
  }

  private String mount(String root, String point) {
    return "31 22 0:27 %s %s/%s rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
        .formatted(root, process, point);
  }

  @ParameterizedTest
  @CsvSource({
    "/, sys, /, sys/",
    "/, sys, /system.slice/fid.service, sys/system.slice/fid.service",
    "/docker/1, sys, /docker/1, sys",
    "/docker/1, sys, /docker/1/inner, sys/inner"
  })
  void isFoundBelowItsMount(String root, String point, String path, String found)
      throws IOException {
    Path expected = Files.createDirectories(process.resolve(found));
    assertThat(own(mount(root, point), "1:cpu:/elsewhere\n0::" + path + "\n")).isEqualTo(expected);
  }

  @Test
  void aMountWithSpacesIsFound() throws IOException {
    Path expected = Files.createDirectories(process.resolve("my groups/a"));
    assertThat(own(mount("/", "my\\040groups"), "0::/a\n")).isEqualTo(expected);
  }

  @Test
  void aSecondMountMayShowIt() throws IOException {
    Path expected = Files.createDirectories(process.resolve("whole/a"));
    assertThat(own(mount("/b", "part") + mount("/", "whole"), "0::/a\n")).isEqualTo(expected);
  }

  @Test
  void noMountIsSaid() {
    assertThatIOException()
        .isThrownBy(() -> own("", "0::/\n"))
        .withMessage("no cgroup2 file system is mounted: mount -t cgroup2 none /sys/fs/cgroup");
  }

  @Test
  void aCgroupThatIsNotShownIsSaid() {
    assertThatIOException()
        .isThrownBy(() -> own(mount("/docker/2", "sys"), "0::/docker/1\n"))
        .withMessage(
            "cgroup /docker/1 of this process is not in the cgroup2 file system mounted at %s/sys",
            process);
  }

  @Test
  void aKernelWithoutTheHierarchyIsSaid() {
    assertThatIOException()
        .isThrownBy(() -> own(mount("/", "sys"), "1:cpu:/\n"))
        .withMessage("this kernel has no unified cgroup hierarchy");
  }
}
