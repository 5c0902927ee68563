/// A CONNECT proxy in Netty, whose tunnels are spliced.
@NullMarked
package dev.fid.samples.connect;

import org.jspecify.annotations.NullMarked;
