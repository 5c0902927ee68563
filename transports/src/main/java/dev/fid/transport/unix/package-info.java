/// UNIX stream listeners and connectors.
@NullMarked
package dev.fid.transport.unix;

import org.jspecify.annotations.NullMarked;
