package dev.fid.bench.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gives what one channel reads to another, on the loop that they share.
///
/// A client that half-closes is read at once, also while reads are off and its back end is not
/// connected yet (Netty's `epollRdHupReady`): such bytes wait here.
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes its channel, which the other sees
final class Forwarder extends ChannelInboundHandlerAdapter {
  private final Channel source;
  private final List<Object> early = new ArrayList<>();
  private boolean ended;
  private @Nullable Channel target;

  Forwarder(Channel source) {
    this.source = source;
  }

  /// The target is connected: forwards from now on.
  void forwardTo(Channel connected) {
    target = connected;
    early.forEach(message -> connected.write(message, connected.voidPromise()));
    early.clear();
    connected.flush();
    if (ended) {
      end(connected);
    }
    read(source, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel to = target;
    if (to == null) {
      early.add(message);
    } else {
      to.write(message, to.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (target != null) {
      target.flush();
    }
  }

  /// This channel took what it was given, or cannot take more: the other may read, or must wait.
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (target != null) {
      read(target, source.isWritable());
    }
  }

  /// Netty cannot ask epoll for more of a channel that has ended (ENOENT).
  private static void read(Channel channel, boolean on) {
    if (!((DuplexChannel) channel).isInputShutdown()) {
      channel.config().setAutoRead(on);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownReadComplete) {
      ended = true;
      if (target != null) {
        end(target);
      }
    }
  }

  private void end(Channel to) {
    to.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(_ -> shutDown((DuplexChannel) source, (DuplexChannel) to));
  }

  private static void shutDown(DuplexChannel source, DuplexChannel target) {
    target.shutdownOutput();
    if (target.isInputShutdown() && source.isOutputShutdown()) {
      source.close();
      target.close();
    }
  }

  /// Closed, and not just ended: what was read before is still sent.
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
    if (target != null && target.isActive()) {
      target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
