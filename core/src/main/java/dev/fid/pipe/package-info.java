/// Pipes: what a user declares, and the running thing.
@NullMarked
package dev.fid.pipe;

import org.jspecify.annotations.NullMarked;
