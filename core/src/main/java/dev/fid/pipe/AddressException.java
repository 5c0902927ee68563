package dev.fid.pipe;

/// A string is no address that Fid can use; the message says why and what to write.
public final class AddressException extends IllegalArgumentException {
  AddressException(String message) {
    super(message);
  }
}
