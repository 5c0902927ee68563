/// TCP listeners and connectors, IPv4 and IPv6.
@NullMarked
package dev.fid.transport.tcp;

import org.jspecify.annotations.NullMarked;
