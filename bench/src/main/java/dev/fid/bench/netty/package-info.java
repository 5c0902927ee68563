/// The relay that a Java developer would write without Fid.
@NullMarked
package dev.fid.bench.netty;

import org.jspecify.annotations.NullMarked;
