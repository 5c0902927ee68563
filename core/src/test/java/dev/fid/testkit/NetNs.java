package dev.fid.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// A network namespace with a loopback of its own, for commands that are run in it. Needs root.
///
/// It goes when it is closed, and else when the JVM ends.
public final class NetNs implements AutoCloseable {
  private final String name;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread hook = new Thread(this::deleteQuietly);

  private NetNs(String name) {
    this.name = name;
  }

  public static NetNs create() throws IOException {
    NetNs created =
        new NetNs(
            "fid-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()));
    execute(List.of("ip", "netns", "add", created.name));
    Runtime.getRuntime().addShutdownHook(created.hook);
    try {
      execute(List.of("ip", "-n", created.name, "link", "set", "lo", "up"));
      return created;
    } catch (IOException e) {
      created.close();
      throw e;
    }
  }

  public String name() {
    return name;
  }

  /// A command that will run in here; its standard error goes where this JVM's goes.
  public ProcessBuilder command(String... words) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
    all.addAll(List.of(words));
    return new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /// Runs a command to its end: what it printed, or an error where it fails.
  public String run(String... words) throws IOException {
    return execute(command(words).command());
  }

  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      Runtime.getRuntime().removeShutdownHook(hook);
      execute(List.of("ip", "netns", "del", name));
    }
  }

  private void deleteQuietly() {
    if (closed.compareAndSet(false, true)) {
      try {
        execute(List.of("ip", "netns", "del", name));
      } catch (IOException _) {
        // The JVM is ending, nobody is left to tell.
      }
    }
  }

  private static String execute(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      int code = waitFor(process);
      if (code != 0) {
        throw new IOException(String.join(" ", command) + ": exit code " + code + ": " + printed);
      }
      return printed;
    } finally {
      process.destroy();
    }
  }

  private static int waitFor(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a command ran");
    }
  }
}
