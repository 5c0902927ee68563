/// The relays under test, each as a process.
@NullMarked
package dev.fid.cli.bench.peer;

import org.jspecify.annotations.NullMarked;
