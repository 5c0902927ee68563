/// The fid command: a thin voice.
@NullMarked
package dev.fid.cli;

import org.jspecify.annotations.NullMarked;
