package dev.fid.cli;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// `fid` in a process of its own, with this JVM's class path; killed when closed.
public final class FidProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> errors = new ArrayList<>();
  private final Thread outputReader;
  private final Thread errorReader;

  private FidProcess(Process process) {
    this.process = process;
    outputReader = Thread.ofVirtual().start(() -> read(process.inputReader(), lines));
    errorReader = Thread.ofVirtual().start(() -> read(process.errorReader(), errors));
  }

  public static FidProcess start(Map<String, String> environment, String... args)
      throws IOException {
    return start(environment, List.of(), args);
  }

  /// As a user whom BPF is not permitted.
  static FidProcess startWithoutCapabilities(String... args) throws IOException {
    List<String> setpriv =
        List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs");
    boolean root = "root".equals(System.getProperty("user.name"));
    return start(Map.of(), root ? setpriv : List.of(), args);
  }

  private static FidProcess start(
      Map<String, String> environment, List<String> wrapper, String... args) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny"));
    command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add("dev.fid.cli.Main");
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return new FidProcess(builder.start());
  }

  private static void read(BufferedReader from, Collection<String> into) {
    from.lines()
        .forEach(line -> {
          synchronized (into) {
            into.add(line);
          }
        });
  }

  /// The next line of its output.
  String line() throws InterruptedException {
    String line = lines.poll(PATIENCE_SECONDS, SECONDS);
    if (line == null) {
      throw new AssertionError("no line of output; stderr: " + errors());
    }
    return line;
  }

  /// Its lines until `ready`, without that.
  public List<String> untilReady() throws InterruptedException {
    List<String> before = new ArrayList<>();
    for (String line = line(); !line.equals("ready"); line = line()) {
      before.add(line);
    }
    return before;
  }

  /// What it has printed and nobody has read.
  List<String> output() {
    return List.copyOf(lines);
  }

  public long pid() {
    return process.pid();
  }

  public void terminate() {
    process.toHandle().destroy(); // SIGTERM; Process.destroy() would also close its output
  }

  public int exit() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, SECONDS)) {
      throw new AssertionError("it goes on; stderr: " + errors());
    }
    outputReader.join();
    errorReader.join();
    return process.exitValue();
  }

  List<String> errors() {
    synchronized (errors) {
      return List.copyOf(errors);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
