/// What the transports of stream sockets share: the accept loop and the connect in progress.
@NullMarked
package dev.fid.transport;

import org.jspecify.annotations.NullMarked;
