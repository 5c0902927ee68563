package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class LibraryTest {
  @Test
  void aMissingLibraryIsOneSentence() {
    var library = Library.open("libfid-of-no-machine.so.1", "apt-get install it");
    assertThat(library.missing())
        .contains("the library libfid-of-no-machine.so.1 is missing: apt-get install it");
    var function = library.function("anything", JAVA_INT, JAVA_INT);
    assertThatExceptionOfType(UnsatisfiedLinkError.class)
        .isThrownBy(() -> function.invoke(1))
        .withMessage("the library libfid-of-no-machine.so.1 is missing: apt-get install it");
  }

  @Test
  void aMissingFunctionIsMissedWhenItIsCalled() {
    var procedure = LibBpf.LIBRARY.procedure("bpf_of_no_version", JAVA_INT);
    assertThatExceptionOfType(UnsatisfiedLinkError.class)
        .isThrownBy(() -> procedure.invoke(1))
        .withMessage("libbpf.so.1 has no function bpf_of_no_version: apt-get install libbpf1");
  }

  @Test
  void theSystemsLibraryIsNewEnough() {
    assertThat(LibBpf.missing()).isEmpty();
    assertThat(LibBpf.majorVersion()).isEqualTo(1);
    assertThat(LibBpf.minorVersion()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void libbpfSpeaksOnlyToAThreadThatListens() {
    var heard = new StringBuilder();
    int failure =
        Messages.heard(
            heard, () -> (int) LibBpf.objectOpenMem(MemorySegment.NULL, MemorySegment.NULL));
    assertThat(failure).isNegative();
    int before = heard.length();
    assertThat(LibBpf.objectOpenMem(MemorySegment.NULL, MemorySegment.NULL)).isNegative();
    assertThat(heard).hasSize(before);
  }
}
