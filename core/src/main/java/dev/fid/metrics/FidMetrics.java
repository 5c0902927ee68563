package dev.fid.metrics;

import dev.fid.pipe.Pipe;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.List;
import java.util.function.Supplier;

/// The meters of pipes. Live connections count while they live: every scrape reads their lanes.
///
/// | meter | Prometheus |
/// |---|---|
/// | `fid.bytes` | `fid_bytes_total{pipe,direction,path}` |
/// | `fid.connections` | `fid_connections{pipe}`, a gauge |
/// | `fid.connections.total` | `fid_connections_total{pipe,result}` |
/// | `fid.relayed.messages` | `fid_relayed_messages_total{pipe,direction}` |
/// | `fid.gate.closings` | `fid_gate_closings_total{pipe,direction}` |
/// | `fid.dropped.skbs` | `fid_dropped_skbs_total{pipe,direction,reason}` |
/// | `fid.sessions.evicted` | `fid_sessions_evicted_total{pipe}` |
///
/// Binding meters the pipes that are bound by then; to meter later ones, bind again. A pipe whose
/// name a registry has already is left out, so two instances of Fid that have pipes of the same
/// name want a registry each. A registry keeps the last counters of pipes that have stopped, until
/// it is closed.
public final class FidMetrics implements MeterBinder {
  private final Supplier<List<Pipe>> pipes;

  public FidMetrics(Supplier<List<Pipe>> pipes) {
    this.pipes = pipes;
  }

  /// Registers the meters, with a composite in each of the registries that it has by now.
  @Override
  public void bindTo(MeterRegistry registry) {
    if (registry instanceof CompositeMeterRegistry composite) {
      composite.getRegistries().forEach(this::bindTo);
      return;
    }
    for (Pipe pipe : pipes.get()) {
      PipeMeters meters = new PipeMeters(registry, pipe);
      if (!meters.areRegistered()) {
        meters.register();
      }
    }
  }
}
