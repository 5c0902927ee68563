package dev.fid.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The samples of a scrape in Prometheus' text format, as `name{labels}`, and the type of each
/// family.
record Scrape(Map<String, Double> samples, Map<String, String> types) {
  static Scrape of(PrometheusMeterRegistry registry) {
    Scrape scrape = new Scrape(new TreeMap<>(), new TreeMap<>());
    registry.scrape().lines().forEach(scrape::add);
    return scrape;
  }

  private void add(String line) {
    if (line.startsWith("# TYPE ")) {
      String[] words = line.split(" ", -1);
      put(types, words[2], words[3]);
    } else if (!line.startsWith("#")) {
      int space = line.lastIndexOf(' ');
      put(samples, line.substring(0, space), Double.valueOf(line.substring(space + 1)));
    }
  }

  private static <V> void put(Map<String, V> map, String key, V value) {
    if (map.put(key, value) != null) {
      throw new AssertionError(key + " comes twice");
    }
  }

  double get(String sample) {
    Double value = samples.get(sample);
    if (value == null) {
      throw new AssertionError("no " + sample + " in " + samples.keySet());
    }
    return value;
  }

  double sum(Predicate<String> sample) {
    return samples.entrySet().stream()
        .filter(entry -> sample.test(entry.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /// The bytes of a direction, by whatever path.
  double bytes(String direction) {
    return sum(s -> s.startsWith("fid_bytes_total{direction=\"" + direction + "\""));
  }
}
