package dev.fid.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.bpf.ffi.ErrorNames;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ErrnoTest {
  @Test
  void theNamesAreTheCLibrarys() {
    for (int errno = 1; errno < 200; errno++) {
      assertThat(Errno.name(errno)).isEqualTo(ErrorNames.ofC(errno).orElse("errno " + errno));
    }
  }

  @ParameterizedTest
  @MethodSource
  void aConstantHasTheNumberOfItsName(Field constant) throws IllegalAccessException {
    assertThat(Errno.name(constant.getInt(null))).isEqualTo(constant.getName());
  }

  static Stream<Field> aConstantHasTheNumberOfItsName() {
    return Arrays.stream(Errno.class.getFields()).filter(f -> Modifier.isStatic(f.getModifiers()));
  }

  @Test
  void numbersWithoutANameAreSaidAsNumbers() {
    assertThat(Errno.name(0)).isEqualTo("errno 0");
    assertThat(Errno.name(-1)).isEqualTo("errno -1");
    assertThat(Errno.name(4095)).isEqualTo("errno 4095");
  }

  @Test
  void anExceptionSaysWhatWasCalledAndWhyItFailed() {
    OsException e = new OsException("bind", Errno.EADDRINUSE);
    assertThat(e).hasMessageMatching("bind: EADDRINUSE \\(.+\\)");
    assertThat(e.errno()).isEqualTo(98);
    assertThat(Errno.text(Errno.EPIPE)).isNotEqualTo(Errno.text(Errno.EAGAIN));
  }
}
