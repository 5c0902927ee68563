/// vsock stream listeners and connectors: between virtual machines and their host.
@NullMarked
package dev.fid.transport.vsock;

import org.jspecify.annotations.NullMarked;
