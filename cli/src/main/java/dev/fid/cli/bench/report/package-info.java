/// Statistics of rounds, and what is printed of them.
@NullMarked
package dev.fid.cli.bench.report;

import org.jspecify.annotations.NullMarked;
