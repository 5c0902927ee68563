package dev.fid.cli.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WorkloadsTest {
  @Test
  void haveNamesOfTheirOwn() {
    assertThat(Workloads.all()).hasSize(22).extracting(Workload::id).doesNotHaveDuplicates();
    assertThat(Workloads.all()).extracting(Workload::title).doesNotHaveDuplicates();
  }

  @Test
  void quickOnesAreSomeOfThemAndOfEveryKindButOne() {
    List<Workload> quick = Workloads.quick();
    assertThat(quick).hasSize(12);
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
  void datagramsHaveWorkloadsOfTheirOwn() {
    assertThat(Workloads.all())
        .filteredOn(workload -> workload.refusal(Pair.UDP_UDP).isEmpty())
        .extracting(Workload::id)
        .containsExactly(
            "rr-64-1",
            "rr-64-16",
            "rr-64-64",
            "rr-1k-1",
            "rr-1k-16",
            "rr-1k-64",
            "oneway-64-20k",
            "oneway-64-100k",
            "oneway-1k-20k",
            "idle-1000",
            "idle-5000",
            "start");
    assertThat(Workloads.all())
        .filteredOn(workload -> workload.refusal(Pair.TCP_UNIX).isPresent())
        .extracting(Workload::kind)
        .containsOnly(Kind.ONE_WAY);
  }

  @Test
  void pairsAreCalledAsTheCommandLineHasThem() {
    assertThat(Pair.values())
        .extracting(Pair::id)
        .containsExactly("tcp-tcp", "tcp-unix", "unix-tcp", "unix-unix", "udp-udp");
    assertThat(Pair.values())
        .extracting(Pair::hasTcp)
        .containsExactly(true, true, true, false, false);
  }
}
