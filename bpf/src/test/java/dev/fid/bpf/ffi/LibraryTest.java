package dev.fid.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
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
    var function = library.words("anything", 1);
    assertThatExceptionOfType(UnsatisfiedLinkError.class)
        .isThrownBy(() -> function.invoke(1L))
        .withMessage("the library libfid-of-no-machine.so.1 is missing: apt-get install it");
  }

  @Test
  void aMissingFunctionIsMissedWhenItIsCalled() {
    var function = LibBpf.LIBRARY.words("bpf_of_no_version", 1);
    assertThatExceptionOfType(UnsatisfiedLinkError.class)
        .isThrownBy(() -> function.invoke(1L))
        .withMessage("libbpf.so.1 has no function bpf_of_no_version: apt-get install libbpf1");
  }

  @Test
  void aFunctionOfAnotherKindIsMissedTooWhenItIsCalled() {
    var library = Library.open("libfid-of-no-machine.so.1", "apt-get install it");
    var function = library.errnoFunction("anything", ADDRESS, ADDRESS);
    assertThatExceptionOfType(UnsatisfiedLinkError.class)
        .isThrownBy(() -> function.invoke(MemorySegment.NULL, MemorySegment.NULL));
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
