/// `fid bench`: Fid beside other relays, in rounds, on this machine.
@NullMarked
package dev.fid.cli.bench;

import org.jspecify.annotations.NullMarked;
