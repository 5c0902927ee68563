/// UDP listeners and connectors, IPv4 and IPv6.
@NullMarked
package dev.fid.transport.udp;

import org.jspecify.annotations.NullMarked;
