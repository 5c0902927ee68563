package dev.fid.os;

import org.junit.jupiter.api.Test;

class MembarrierTest {
  @Test
  void passes() throws Exception {
    Membarrier.global();
  }
}
