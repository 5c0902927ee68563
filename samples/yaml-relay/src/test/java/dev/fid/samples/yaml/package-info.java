/// Runs the sample.
@NullMarked
package dev.fid.samples.yaml;

import org.jspecify.annotations.NullMarked;
