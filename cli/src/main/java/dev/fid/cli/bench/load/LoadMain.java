package dev.fid.cli.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fid.cli.bench.workload.Order;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;

/// The load generator's process: an [Order] a line on standard input, in JSON, and an outcome a
/// line on standard output. Ends with its input.
public final class LoadMain {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private LoadMain() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    ObjectMapper json = new ObjectMapper();
    Generator generator = new Generator(PATIENCE);
    BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream outcomes = new PrintStream(System.out, true, UTF_8);
    for (String line; (line = orders.readLine()) != null; ) {
      outcomes.println(json.writeValueAsString(generator.run(json.readValue(line, Order.class))));
    }
  }
}
