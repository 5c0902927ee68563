package dev.fid.transport.unix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fid.Fid;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import dev.fid.splice.Ancillary;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

class AncillaryTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void descriptorsCrossAPipeThatRelaysThem(Ancillary ancillary) throws Exception {
    Path back = directory.resolve("back");
    Path front = directory.resolve("front");
    try (Fid fid = Fid.open();
        AFUNIXServerSocket server = AFUNIXServerSocket.bindOn(AFUNIXSocketAddress.of(back));
        FileOutputStream file = new FileOutputStream(directory.resolve("file").toFile())) {
      Pipe pipe =
          fid.bind(
              PipeSpec.builder("fds")
                  .listen("unix://" + front)
                  .connect("unix://" + back)
                  .ancillary(ancillary)
                  .build());
      pipe.start();
      try (AFUNIXSocket client = AFUNIXSocket.connectTo(AFUNIXSocketAddress.of(front));
          AFUNIXSocket accepted = server.accept()) {
        accepted.setAncillaryReceiveBufferSize(1024);
        client.setOutboundFileDescriptors(file.getFD());
        client.getOutputStream().write("take this".getBytes(UTF_8));
        assertThat(accepted.getInputStream().readNBytes(9)).asString(UTF_8).isEqualTo("take this");
        FileDescriptor[] received = accepted.getReceivedFileDescriptors();
        if (ancillary == Ancillary.DISCARD) {
          assertThat(received).isNullOrEmpty();
        } else {
          assertThat(received).hasSize(1);
          try (FileOutputStream same = new FileOutputStream(received[0])) {
            same.write("written elsewhere".getBytes(UTF_8));
          }
          try (FileInputStream written = new FileInputStream(directory.resolve("file").toFile())) {
            assertThat(written.readAllBytes()).asString(UTF_8).isEqualTo("written elsewhere");
          }
          assertThat(pipe.describe()).contains("ancillary: relay");
        }
      }
    }
  }
}
