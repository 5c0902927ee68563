/// UDP to a UNIX datagram socket.
@NullMarked
package dev.fid.samples.statsd;

import org.jspecify.annotations.NullMarked;
