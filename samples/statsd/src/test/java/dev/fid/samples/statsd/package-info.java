/// Runs the sample.
@NullMarked
package dev.fid.samples.statsd;

import org.jspecify.annotations.NullMarked;
