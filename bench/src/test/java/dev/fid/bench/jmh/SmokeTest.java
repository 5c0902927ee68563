package dev.fid.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.testing.RequiresBpf;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// Every benchmark runs, once and shortly: what they say here is no measure of anything.
@RequiresBpf
final class SmokeTest {
  private static final int BENCHMARKS = 5;

  @Test
  void everyBenchmarkRuns() throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include("dev.fid.bench.jmh")
                    .param("live", "5")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(50))
                    .shouldFailOnError(true)
                    .build())
            .run();

    assertThat(results).hasSize(BENCHMARKS);
    assertThat(results).allMatch(result -> result.getPrimaryResult().getScore() > 0);
  }
}
