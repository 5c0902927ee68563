package dev.fid.transport.netty;

import dev.fid.Fid;
import dev.fid.pipe.Address;
import dev.fid.splice.Party;
import dev.fid.splice.SpliceHandle;
import dev.fid.splice.SpliceOptions;
import dev.fid.splice.SpliceStats.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Splices its channel to a back end: from then on the kernel carries the bytes, and the pipeline
/// sees none of them.
///
/// ```java
/// pipeline.addLast(new SpliceHandler(fid, Address.parse("unix:///run/app.sock")));
/// pipeline.remove(this); // the decoder that has read its header: what it holds goes first
/// ```
///
/// It starts when it is added to an active channel, else with channelActive; so a handler that
/// reads a header first adds it when it has, and in the same turn removes itself and every codec.
/// Bytes that a codec hands on as it is removed, and whatever else reaches this handler, are sent
/// first, in order. Anything but a [ByteBuf], or a datagram of one, is a failure: a codec is still
/// there. Added on another thread than the channel's, it misses what Netty reads meanwhile, which
/// the next handler gets.
///
/// The pipeline is told by the user events [SpliceStarted] and, at the end, [SpliceCompleted]; then
/// the channel is closed, unless it is one of datagrams: it reads on, and this handler is removed.
/// A back end that cannot be reached, or a channel that cannot be spliced ([NettyParty] says
/// which), is told by exceptionCaught, and the channel closed. Closing the channel ends the splice
/// with a reset. [SpliceHandle#unsplice()] removes this handler, and the pipeline reads on.
public final class SpliceHandler extends ChannelDuplexHandler {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final Fid fid;
  private final Party backend;
  private final @Nullable SpliceOptions options;
  private final List<ByteBuf> received = new ArrayList<>();
  private State state = State.WAITING;
  private boolean taken;
  private boolean failed;
  private boolean readsOn;
  private @Nullable SpliceHandle splice;

  private enum State {
    WAITING,
    STARTING,
    SPLICED,
    ENDED
  }

  /// Connects to the address, within 5 s, with the default options.
  public SpliceHandler(Fid fid, Address backend) {
    this(fid, fid.connecting(backend, CONNECT_TIMEOUT), null);
  }

  /// Takes another channel, with the default options; it is closed at the end too.
  public SpliceHandler(Fid fid, Channel backend) {
    this(fid, NettyParty.of(backend), null);
  }

  /// @param options null: the defaults of what the two turn out to be
  public SpliceHandler(Fid fid, Party backend, @Nullable SpliceOptions options) {
    this.fid = fid;
    this.backend = backend;
    this.options = options;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start(ctx);
    ctx.fireChannelActive();
  }

  private void start(ChannelHandlerContext ctx) {
    if (state == State.WAITING) {
      state = State.STARTING;
      Party client =
          new NettyParty(ctx.channel(), this::takeReceived, outcome -> returning(ctx, outcome));
      ctx.channel().config().setAutoRead(false);
      // After this turn: the codecs that are removed in it have handed on what they held.
      ctx.executor().execute(() -> splice(ctx, client));
    }
  }

  private void splice(ChannelHandlerContext ctx, Party client) {
    CompletionStage<SpliceHandle> spliced =
        options == null ? fid.splice(client, backend) : fid.splice(client, backend, options);
    spliced.whenComplete((handle, failure) ->
        ctx.executor()
            .execute(() -> {
              if (failure == null) {
                started(ctx, handle);
              } else {
                fail(ctx, failure);
              }
            }));
  }

  private List<ByteBuf> takeReceived() {
    taken = true;
    return received;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (!taken) {
      received.forEach(ReferenceCountUtil::release);
    }
  }

  private void started(ChannelHandlerContext ctx, SpliceHandle handle) {
    splice = handle;
    ctx.fireUserEventTriggered(new SpliceStarted(handle));
    if (state == State.STARTING) {
      state = State.SPLICED;
    } else {
      completed(ctx, handle); // it was that short
    }
    if (!ctx.channel().isOpen()) {
      handle.close();
    }
  }

  private void fail(ChannelHandlerContext ctx, Throwable failure) {
    state = State.ENDED;
    if (failed) {
      return;
    }
    failed = true;
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    ctx.fireExceptionCaught(new IOException("splice: " + cause.getMessage(), cause));
    Future<?> _ = ctx.close();
  }

  private void returning(ChannelHandlerContext ctx, Outcome outcome) {
    SpliceHandle ended = splice;
    state = State.ENDED;
    readsOn = outcome instanceof Outcome.Undone || NettyParty.isDatagram(ctx.channel());
    if (ended != null) {
      completed(ctx, ended);
    }
  }

  private void completed(ChannelHandlerContext ctx, SpliceHandle ended) {
    ctx.fireUserEventTriggered(new SpliceCompleted(ended.stats()));
    if (readsOn) {
      ctx.pipeline().remove(this);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = Detachment.bytes(message);
    if (readsOn) {
      ctx.fireChannelRead(message);
    } else if (taken || state == State.ENDED) {
      ReferenceCountUtil.release(message);
    } else if (bytes != null) {
      received.add(bytes);
    } else {
      ReferenceCountUtil.release(message);
      fail(
          ctx,
          new IOException(
              message.getClass().getName()
                  + " came, which is no bytes: remove the codecs when SpliceHandler is added"));
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    SpliceHandle running = splice;
    if (running != null) {
      running.close();
    }
    Future<?> _ = ctx.close(promise);
  }
}
