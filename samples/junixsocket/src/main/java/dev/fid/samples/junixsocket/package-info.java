/// A junixsocket server that splices its own socket.
@NullMarked
package dev.fid.samples.junixsocket;

import org.jspecify.annotations.NullMarked;
