/// Splices junixsocket's sockets and channels.
@NullMarked
package dev.fid.transport.junixsocket;

import org.jspecify.annotations.NullMarked;
