package dev.fid.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Gets the text of files.
final class Sources {
  private Sources() {}

  /// The text, or nothing where it cannot be read: then that is a problem.
  static Optional<String> read(Path file, Problems problems) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (IOException e) {
      problems.add(Place.of(file.toString()), "cannot read the file: " + reason(file, e));
      return Optional.empty();
    }
  }

  private static String reason(Path file, IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "permission denied";
      case CharacterCodingException _ -> "it is not UTF-8";
      default -> Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage());
    };
  }
}
