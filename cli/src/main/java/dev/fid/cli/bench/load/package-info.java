/// The load generator: clients and back end in one process, which check every byte.
@NullMarked
package dev.fid.cli.bench.load;

import org.jspecify.annotations.NullMarked;
