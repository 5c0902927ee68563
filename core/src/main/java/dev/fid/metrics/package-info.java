/// Counters read out of the lanes.
@NullMarked
package dev.fid.metrics;

import org.jspecify.annotations.NullMarked;
