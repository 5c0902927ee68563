/// What is measured: pairs, workloads, metrics, and what is said to the load generator.
@NullMarked
package dev.fid.cli.bench.workload;

import org.jspecify.annotations.NullMarked;
