package dev.fid.cli.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WorkloadsTest {
  @Test
  void haveNamesOfTheirOwn() {
    assertThat(Workloads.all()).hasSize(19).extracting(Workload::id).doesNotHaveDuplicates();
    assertThat(Workloads.all()).extracting(Workload::title).doesNotHaveDuplicates();
  }

  @Test
  void quickOnesAreSomeOfThemAndOfEveryKindButOne() {
    List<Workload> quick = Workloads.quick();
    assertThat(quick).hasSize(10);
    assertThat(Workloads.all()).containsAll(quick);
    assertThat(quick)
        .extracting(Workload::kind)
        .contains(
            Kind.ROUND_TRIPS, Kind.BULK_UP, Kind.BULK_BOTH, Kind.CHURN, Kind.IDLE, Kind.START);
  }

  @Test
  void requestsHaveRoomForTheNumberOfTheirConnection() {
    assertThat(Workloads.all()).allMatch(workload -> workload.size() >= Long.BYTES);
  }

  @Test
  void kindsAreJudgedByOneMetric() {
    assertThat(Kind.ROUND_TRIPS.metrics())
        .startsWith(Metric.TRIPS)
        .contains(Metric.P50, Metric.P99, Metric.P999, Metric.CPU_A_TRIP);
    assertThat(Arrays.stream(Kind.values())).allMatch(kind -> !kind.metrics().isEmpty());
    assertThat(Metric.THROUGHPUT.format(1234.5678)).isEqualTo("1,234.568");
  }

  @Test
  void pairsAreCalledAsTheCommandLineHasThem() {
    assertThat(Pair.values())
        .extracting(Pair::id)
        .containsExactly("tcp-tcp", "tcp-unix", "unix-tcp", "unix-unix");
    assertThat(Pair.values()).extracting(Pair::hasTcp).containsExactly(true, true, true, false);
  }
}
