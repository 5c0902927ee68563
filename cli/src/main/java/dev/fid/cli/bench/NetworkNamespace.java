package dev.fid.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.cli.bench.peer.JavaCommand;
import dev.fid.cli.bench.workload.Order;
import dev.fid.cli.bench.workload.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A network namespace with a loopback of its own, and the load generator's process that lives in
/// it.
///
/// It has no name: the kernel removes it when its last process ends, and every process in it ends
/// with this one, also when that is killed.
final class NetworkNamespace implements AutoCloseable {
  private static final String MAIN = "dev.fid.cli.bench.load.LoadMain";

  /// A route names the congestion control of its connections. Unlike the sysctl it takes any that
  /// the kernel has, also one that `tcp_allowed_congestion_control` keeps from other namespaces.
  private static final String SET_UP =
      """
      set -e
      ip link set lo up
      echo 1024 65535 >/proc/sys/net/ipv4/ip_local_port_range
      if [ -n "$1" ]; then
        ip route replace local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1 \
          table local congctl "$1"
      fi
      shift
      echo up
      exec "$@"
      """;

  private final ObjectMapper json = new ObjectMapper();
  private final Process load;
  private final PrintWriter orders;
  private final BufferedReader outcomes;

  private NetworkNamespace(Process load) {
    this.load = load;
    orders = new PrintWriter(load.outputWriter(StandardCharsets.UTF_8), true);
    outcomes = load.inputReader(StandardCharsets.UTF_8);
  }

  /// Returns once it is there: who enters before finds the machine's own.
  ///
  /// @param control of TCP congestion; empty: the kernel's own choice
  @MustBeClosed
  static NetworkNamespace create(String control) throws IOException {
    List<String> command = new ArrayList<>(List.of("unshare", "--net", "--"));
    command.addAll(List.of("sh", "-c", SET_UP, "fid-bench", control));
    command.addAll(JavaCommand.of(List.of(), MAIN, List.of()));
    NetworkNamespace namespace =
        new NetworkNamespace(
            new ProcessBuilder(Children.dyingWithUs(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    if (!"up".equals(namespace.outcomes.readLine())) {
      namespace.close();
      throw new IOException("bench: no network namespace could be made; above is why");
    }
    return namespace;
  }

  /// Has the load generator do it.
  Outcome run(Order order) throws IOException {
    orders.println(json.writeValueAsString(order));
    String line = outcomes.readLine();
    if (line == null) {
      throw new IOException("bench: the load generator has ended; above is why");
    }
    return json.readValue(line, Outcome.class);
  }

  /// The same command, to be run in here.
  List<String> entering(List<String> command) {
    List<String> all =
        new ArrayList<>(List.of("nsenter", "--net=/proc/" + load.pid() + "/ns/net", "--"));
    all.addAll(command);
    return all;
  }

  boolean isAlive() {
    return load.isAlive();
  }

  @Override
  public void close() {
    orders.close();
    Children.end(load);
  }
}
