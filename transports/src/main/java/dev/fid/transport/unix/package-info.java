/// UNIX listeners and connectors: of streams, of SEQPACKET, of datagrams.
@NullMarked
package dev.fid.transport.unix;

import org.jspecify.annotations.NullMarked;
