package dev.fid.cli.bench.report;

/// A relay, and how it was run.
///
/// @param version empty where it is missing
/// @param command with its configuration
/// @param missing why it was not measured; empty: it was
public record PeerNote(
    String id, String description, String version, String command, String missing) {}
