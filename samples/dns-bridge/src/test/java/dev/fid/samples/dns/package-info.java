/// Runs the sample.
@NullMarked
package dev.fid.samples.dns;

import org.jspecify.annotations.NullMarked;
