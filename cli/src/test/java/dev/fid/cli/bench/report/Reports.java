package dev.fid.cli.bench.report;

import dev.fid.cli.bench.workload.Metric;
import dev.fid.cli.bench.workload.Outcome;
import dev.fid.cli.bench.workload.Workload;
import dev.fid.cli.bench.workload.Workloads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A report of two relays, of which one fails, and of one that is missing.
final class Reports {
  static final String FAILURE = "client: byte 7 is <wrong> (connection 3)";

  private Reports() {}

  static Workload workload(String id) {
    return Workloads.all().stream()
        .filter(workload -> workload.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  static Outcome bulk(double throughput, double cpu) {
    return Outcome.of(Map.of(Metric.THROUGHPUT, throughput, Metric.CPU_A_GB, cpu));
  }

  static Report sample() {
    Workload bulk = workload("bulk-1");
    Workload churn = workload("churn");
    Map<String, List<Outcome>> bulkRounds = new LinkedHashMap<>();
    bulkRounds.put("fid", List.of(bulk(2, 0.5), bulk(4, 0.25), bulk(3, 0.5)));
    bulkRounds.put("other", List.of(bulk(1, 1), bulk(1, 1), bulk(1.5, 1)));
    Map<String, List<Outcome>> churnRounds = new LinkedHashMap<>();
    Outcome good = Outcome.of(Map.of(Metric.CONNECTIONS, 1234.0, Metric.CPU_A_CONNECTION, 80.0));
    churnRounds.put("fid", List.of(good, good, good));
    churnRounds.put("other", List.of(good, Outcome.failed(FAILURE), good));
    List<Cell> cells = new ArrayList<>();
    cells.addAll(Cells.of("cubic", "tcp-tcp", bulk, bulkRounds));
    cells.addAll(Cells.of("cubic", "tcp-tcp", churn, churnRounds));
    cells.addAll(Cells.of("", "unix-unix", bulk, bulkRounds));
    return new Report(
        "fid bench --pairs tcp-tcp",
        "2026-01-02T03:04:05Z",
        new Machine("A <Processor>", 2, 8L << 30, "Linux 6.18", "25", 0.01),
        "closed",
        3,
        400,
        List.of(
            new PeerNote("fid", "Fid", "fid 1", "fid run\na & b", ""),
            new PeerNote("other", "Another", "other 2", "other", ""),
            new PeerNote("third", "A third", "", "", "third is not installed: apt-get install t")),
        List.of(bulk, churn),
        List.of("a note"),
        cells);
  }
}
