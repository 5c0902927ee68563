package dev.fid.cli.bench.workload;

/// What is done to a relay.
///
/// @param id names it on the command line and in reports
/// @param connections at once
/// @param size bytes of a request and of its answer, or of one write
public record Workload(String id, String title, Kind kind, int connections, int size) {}
