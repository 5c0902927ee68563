/// Pipe files: YAML to specs, or every problem at once.
@NullMarked
package dev.fid.config;

import org.jspecify.annotations.NullMarked;
