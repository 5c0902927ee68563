package dev.fid.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/// Meters as Prometheus' text, format 0.0.4.
///
/// Gauges have a registry of their own: to one registry the gauge `fid_connections` and the counter
/// `fid_connections_total` have the same name, and it leaves the second out.
public final class PrometheusText implements AutoCloseable {
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry gauges = registry(true);
  private final PrometheusMeterRegistry others = registry(false);

  public PrometheusText(MeterBinder meters) {
    meters.bindTo(gauges);
    meters.bindTo(others);
  }

  private static PrometheusMeterRegistry registry(boolean gauges) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry
        .config()
        .meterFilter(MeterFilter.deny(id -> gauges != (id.getType() == Meter.Type.GAUGE)));
    return registry;
  }

  /// The text now.
  public String scrape() {
    return others.scrape(CONTENT_TYPE) + gauges.scrape(CONTENT_TYPE);
  }

  @Override
  public void close() {
    gauges.close();
    others.close();
  }
}
