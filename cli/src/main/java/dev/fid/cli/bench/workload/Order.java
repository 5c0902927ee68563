package dev.fid.cli.bench.workload;

/// What the load generator is asked to do once.
///
/// @param front where its clients connect
/// @param back where its back end listens, and goes on listening
/// @param warmUpMillis goes before what is measured
/// @param millis is measured
/// @param rate requests a second of an open loop; 0: a closed one
/// @param relay the relay's process, whose memory is looked at; 0: none
/// @param since for [Kind#START]: CLOCK_MONOTONIC as the relay was started, in ns
public record Order(
    Workload workload,
    String front,
    String back,
    int warmUpMillis,
    int millis,
    long rate,
    long relay,
    long since) {}
