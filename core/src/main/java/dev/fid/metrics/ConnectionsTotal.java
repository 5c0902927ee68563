package dev.fid.metrics;

import dev.fid.pipe.PipeStats;
import io.micrometer.core.instrument.Tag;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Arrays;

/// `fid_connections_total` of one pipe, for Prometheus.
///
/// Not a meter, as Micrometer strips `_total` from the names of counters and then takes this one
/// for the gauge `fid_connections`. In Prometheus' text format the two are different families.
final class ConnectionsTotal implements Collector {
  private static final MetricMetadata METADATA =
      new MetricMetadata("fid_connections_total", Result.HELP);

  private final Labels labels;
  private final Recent recent;

  ConnectionsTotal(Iterable<Tag> tags, Recent recent) {
    Labels.Builder builder = Labels.builder();
    tags.forEach(tag -> builder.label(tag.getKey(), tag.getValue()));
    this.labels = builder.build();
    this.recent = recent;
  }

  @Override
  public MetricSnapshot collect() {
    PipeStats stats = recent.get();
    return new CounterSnapshot(
        METADATA, Arrays.stream(Result.values()).map(result -> point(result, stats)).toList());
  }

  private CounterDataPointSnapshot point(Result result, PipeStats stats) {
    Labels labelled = labels.add("result", result.label());
    return new CounterDataPointSnapshot(result.count(stats), labelled, null, 0);
  }
}
