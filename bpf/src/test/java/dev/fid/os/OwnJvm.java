package dev.fid.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// A JVM for what the compiler decides about: it has run no other test, and waits for its compiler,
/// so how busy the machine is does not matter.
public final class OwnJvm {
  /// Makes Java print all that it knows where it fails.
  public static final String REPORTING = "-XX:+ErrorFileToStdout";

  private static final Pattern STACK = Pattern.compile("(?s)\nStack:.*?\nsiginfo");

  private OwnJvm() {}

  /// Runs this class's main there; what that throws is this one's failure, too.
  public static void run(Class<?> main) throws IOException, InterruptedException {
    ProcessBuilder command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xbatch",
                "-XX:+UseSerialGC",
                REPORTING,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectErrorStream(true);
    if (!run(command)) {
      assertThat(run(command)).as("once more").isTrue();
    }
  }

  /// False where it was the processor that failed.
  private static boolean run(ProcessBuilder command) throws IOException, InterruptedException {
    Process process = command.start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      int status = process.waitFor();
      if (status != 0 && isProcessorsFault(said)) {
        return false;
      }
      assertThat(status).as(said).isZero();
      return true;
    } finally {
      process.destroy(); // closes its pipes
    }
  }

  /// Whether the processor is emulated, and a JVM failed in a thread that ran nothing of Fid's;
  /// that is said.
  ///
  /// @param said with [#REPORTING]
  public static boolean isProcessorsFault(String said) throws IOException {
    var stack = STACK.matcher(said);
    boolean itself =
        stack.find()
            && !Pattern.compile("dev[./]fid|libbpf|netty").matcher(stack.group()).find()
            && Files.readString(Path.of("/proc/cpuinfo")).contains("QEMU TCG");
    if (itself) {
      System.err.println("Java failed by itself on an emulated processor:" + stack.group());
    }
    return itself;
  }
}
