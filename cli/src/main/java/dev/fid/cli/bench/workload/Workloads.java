package dev.fid.cli.bench.workload;

import java.util.ArrayList;
import java.util.List;

/// Every workload that there is.
public final class Workloads {
  private static final int BLOCK = 128 << 10;
  private static final int SMALL_WRITE = 512;
  private static final int SHORT_MESSAGE = 64;
  private static final int AT_ONCE = 16;

  /// Those of `--quick`.
  private static final List<String> QUICK =
      List.of(
          "rr-64-1",
          "rr-64-16",
          "rr-16k-16",
          "bulk-1",
          "bulk-4",
          "both-1",
          "writes-512",
          "oneway-64-20k",
          "oneway-64-100k",
          "churn",
          "idle-1000",
          "start");

  private Workloads() {}

  public static List<Workload> all() {
    List<Workload> all = new ArrayList<>();
    for (int size : new int[] {64, 1 << 10, 16 << 10}) {
      for (int connections : new int[] {1, 16, 64}) {
        all.add(roundTrips(size, connections));
      }
    }
    for (int connections : new int[] {1, 4}) {
      all.add(bulk("bulk", "bulk one way", Kind.BULK_UP, connections, BLOCK));
    }
    for (int connections : new int[] {1, 4}) {
      all.add(bulk("both", "bulk both ways", Kind.BULK_BOTH, connections, BLOCK));
    }
    all.add(new Workload("writes-512", "writes of 512 B one way", Kind.BULK_UP, 1, SMALL_WRITE));
    all.add(oneWay(SHORT_MESSAGE, 20_000));
    all.add(oneWay(SHORT_MESSAGE, 100_000));
    all.add(oneWay(1 << 10, 20_000));
    all.add(
        new Workload(
            "churn", "connect, 64 B there and back, close", Kind.CHURN, AT_ONCE, SHORT_MESSAGE));
    all.add(
        new Workload(
            "send-close", "connect, send 64 B, close", Kind.SEND_CLOSE, AT_ONCE, SHORT_MESSAGE));
    for (int connections : new int[] {1000, 5000}) {
      all.add(
          new Workload(
              "idle-" + connections,
              "%,d idle connections".formatted(connections),
              Kind.IDLE,
              connections,
              SHORT_MESSAGE));
    }
    all.add(new Workload("start", "start to the first answer", Kind.START, 1, SHORT_MESSAGE));
    return List.copyOf(all);
  }

  public static List<Workload> quick() {
    return all().stream().filter(workload -> QUICK.contains(workload.id())).toList();
  }

  private static Workload roundTrips(int size, int connections) {
    String amount = size < 1024 ? size + "" : size / 1024 + "k";
    String title = size < 1024 ? size + " B" : size / 1024 + " KiB";
    return new Workload(
        "rr-" + amount + "-" + connections,
        "round trips of " + title + ", " + count(connections),
        Kind.ROUND_TRIPS,
        connections,
        size);
  }

  private static Workload oneWay(int size, int rate) {
    return new Workload(
        "oneway-%s-%dk".formatted(size < 1024 ? size : size / 1024 + "k", rate / 1000),
        "%s one way, %,d a second of 16 clients"
            .formatted(size < 1024 ? size + " B" : size / 1024 + " KiB", rate),
        Kind.ONE_WAY,
        AT_ONCE,
        size,
        rate);
  }

  private static Workload bulk(String id, String title, Kind kind, int connections, int block) {
    return new Workload(
        id + "-" + connections, title + ", " + count(connections), kind, connections, block);
  }

  private static String count(int connections) {
    return connections == 1 ? "1 connection" : connections + " connections";
  }
}
