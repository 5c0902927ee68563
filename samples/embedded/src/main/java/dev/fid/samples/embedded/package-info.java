/// Pipes inside an application.
@NullMarked
package dev.fid.samples.embedded;

import org.jspecify.annotations.NullMarked;
