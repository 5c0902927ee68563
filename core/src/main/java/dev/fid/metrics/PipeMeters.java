package dev.fid.metrics;

import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeStats;
import dev.fid.splice.LaneStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// The meters of one pipe in one registry.
final class PipeMeters {
  private static final String LIVE = "fid.connections";

  private final MeterRegistry registry;
  private final Recent recent;
  private final Tags tags;

  PipeMeters(MeterRegistry registry, Pipe pipe) {
    this.registry = registry;
    this.recent = new Recent(pipe::stats);
    this.tags = Tags.of("pipe", pipe.spec().name());
  }

  boolean areRegistered() {
    return registry.find(LIVE).tags(tags).gauge() != null;
  }

  void register() {
    Gauge live =
        Gauge.builder(LIVE, () -> recent.get().live())
            .description("Connections now, those being connected included")
            .tags(tags)
            .register(registry);
    if (registry instanceof PrometheusMeterRegistry prometheus) {
      var labels = live.getId().getConventionTags(prometheus.config().namingConvention());
      prometheus.getPrometheusRegistry().register(new ConnectionsTotal(labels, recent));
    } else {
      for (Result result : Result.values()) {
        Tags ended = tags.and("result", result.label());
        count("fid.connections.total", Result.HELP, ended, result::count);
      }
    }
    count(
        "fid.sessions.evicted",
        "Sessions of datagrams that made room for others (max_connections)",
        tags,
        PipeStats::evicted);
    lane(tags.and("direction", "upstream"), PipeStats::upstream);
    lane(tags.and("direction", "downstream"), PipeStats::downstream);
  }

  private void lane(Tags direction, Function<PipeStats, LaneStats> lane) {
    bytes(direction.and("path", "kernel"), lane, LaneStats::kernelBytes);
    bytes(direction.and("path", "pump"), lane, LaneStats::pumpBytes);
    bytes(direction.and("path", "relay"), lane, LaneStats::relayBytes);
    count(
        "fid.relayed.messages",
        "Messages moved in user space, where a side keeps them apart: datagrams, UNIX SEQPACKET",
        direction,
        stats -> lane.apply(stats).relayedMessages());
    drops(direction.and("reason", "no_target"), lane, LaneStats::noTargetSkbs);
    drops(direction.and("reason", "refused"), lane, LaneStats::refusedSkbs);
    drops(direction.and("reason", "half_close"), lane, LaneStats::lostSkbs);
    drops(direction.and("reason", "overload"), lane, stats -> stats.datagramDrops().overload());
    drops(direction.and("reason", "too_long"), lane, stats -> stats.datagramDrops().tooLong());
    drops(direction.and("reason", "empty"), lane, stats -> stats.datagramDrops().empty());
    drops(
        direction.and("reason", "unreachable"), lane, stats -> stats.datagramDrops().unreachable());
    drops(direction.and("reason", "no_memory"), lane, stats -> stats.datagramDrops().noMemory());
    drops(direction.and("reason", "overflow"), lane, stats -> stats.datagramDrops().overflow());
    count(
        "fid.gate.closings",
        "How often a source was held back because its target's backlog was at its limit",
        direction,
        stats -> lane.apply(stats).gateClosings());
  }

  private void bytes(
      Tags path, Function<PipeStats, LaneStats> lane, ToDoubleFunction<LaneStats> bytes) {
    count(
        "fid.bytes",
        "Bytes moved, by the path they took",
        path,
        stats -> bytes.applyAsDouble(lane.apply(stats)));
  }

  private void drops(
      Tags reason, Function<PipeStats, LaneStats> lane, ToDoubleFunction<LaneStats> skbs) {
    count(
        "fid.dropped.skbs",
        "Skbs and datagrams that were lost; a connection of streams was reset then",
        reason,
        stats -> skbs.applyAsDouble(lane.apply(stats)));
  }

  /// The function holds what it reads: a meter refers to its object only weakly, and would stand
  /// still after a garbage collection.
  private void count(String name, String help, Tags labels, ToDoubleFunction<PipeStats> counter) {
    FunctionCounter.builder(name, recent, _ -> counter.applyAsDouble(recent.get()))
        .description(help)
        .tags(labels)
        .register(registry);
  }
}
