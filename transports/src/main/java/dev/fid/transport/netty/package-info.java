/// Splices Netty's channels, by a party or by a handler in a pipeline.
@NullMarked
package dev.fid.transport.netty;

import org.jspecify.annotations.NullMarked;
