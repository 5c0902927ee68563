package dev.fid.metrics;

import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeStats;
import dev.fid.splice.LaneStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// The meters of pipes. Live connections count while they live: every scrape reads their lanes.
///
/// Bytes: `fid.bytes{pipe,direction,path}`. Connections: `fid.connections{pipe,result}` and the gauge `fid.connections{pipe}`.
/// Gates: `fid.gate.closings{pipe,direction}`. Skbs lost: `fid.dropped.skbs{pipe,direction,reason}`.
public final class FidMetrics implements MeterBinder {
  private final Supplier<List<Pipe>> pipes;

  public FidMetrics(Supplier<List<Pipe>> pipes) {
    this.pipes = pipes;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (Pipe pipe : pipes.get()) {
      bind(registry, pipe);
    }
  }

  private static void bind(MeterRegistry registry, Pipe pipe) {
    Recent recent = new Recent(pipe::stats);
    Tags tags = Tags.of("pipe", pipe.spec().name());
    Gauge.builder("fid.connections", recent, r -> r.get().live())
        .description("Connections now, those being connected included")
        .tags(tags)
        .register(registry);
    connections(registry, recent, tags, "spliced", PipeStats::spliced);
    connections(registry, recent, tags, "relayed", PipeStats::relayed);
    connections(registry, recent, tags, "failed", PipeStats::failed);
    connections(registry, recent, tags, "rejected", PipeStats::rejected);
    lane(registry, recent, tags.and("direction", "upstream"), PipeStats::upstream);
    lane(registry, recent, tags.and("direction", "downstream"), PipeStats::downstream);
  }

  private static void connections(
      MeterRegistry registry, Recent recent, Tags tags, String result, ToDoubleFunction<PipeStats> count) {
    FunctionCounter.builder("fid.connections", recent, r -> count.applyAsDouble(r.get()))
        .description("Connections accepted, by what became of them")
        .tags(tags.and("result", result))
        .register(registry);
  }

  private static void lane(
      MeterRegistry registry, Recent recent, Tags tags, Function<PipeStats, LaneStats> lane) {
    bytes(registry, recent, tags.and("path", "kernel"), lane, LaneStats::kernelBytes);
    bytes(registry, recent, tags.and("path", "pump"), lane, LaneStats::pumpBytes);
    bytes(registry, recent, tags.and("path", "relay"), lane, LaneStats::relayBytes);
    counter(registry, recent, tags, lane, LaneStats::gateClosings, "fid.gate.closings",
        "How often a gate shut because a target's backlog was at its limit");
    drops(registry, recent, tags.and("reason", "no_target"), lane, LaneStats::noTargetSkbs);
    drops(registry, recent, tags.and("reason", "refused"), lane, LaneStats::refusedSkbs);
    drops(registry, recent, tags.and("reason", "half_close"), lane, LaneStats::lostSkbs);
  }

  private static void bytes(
      MeterRegistry registry, Recent recent, Tags tags, Function<PipeStats, LaneStats> lane,
      ToDoubleFunction<LaneStats> count) {
    counter(registry, recent, tags, lane, count, "fid.bytes", "Bytes moved, by the path they took");
  }

  private static void drops(
      MeterRegistry registry, Recent recent, Tags tags, Function<PipeStats, LaneStats> lane,
      ToDoubleFunction<LaneStats> count) {
    counter(registry, recent, tags, lane, count, "fid.dropped.skbs", "Skbs that were lost; their connection was reset");
  }

  private static void counter(
      MeterRegistry registry, Recent recent, Tags tags, Function<PipeStats, LaneStats> lane,
      ToDoubleFunction<LaneStats> count, String name, String description) {
    FunctionCounter.builder(name, recent, r -> count.applyAsDouble(lane.apply(r.get())))
        .description(description)
        .tags(tags)
        .register(registry);
  }
}
