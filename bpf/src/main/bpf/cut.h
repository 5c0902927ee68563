/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The programs that make datagrams of a stream. A TCP source has a stream parser: it finds where a datagram begins and
 * ends, and it can stop, which leaves what follows in the receive queue. UNIX and vsock sources have none in the
 * kernel: each skb becomes a datagram. */
#ifndef FID_CUT_H
#define FID_CUT_H

#define EAGAIN 11

/* What is behind so many bytes of an skb is not put in one piece with them: an allocation so large may fail. The parser
 * tries more, since it can stop when it fails; the verdict, behind which a message cannot wait, must not fail. */
#define ONE_PIECE (128 << 10)
#define LONGEST_PIECE (512 << 10)

static __always_inline void tell(struct datagram_lane *lane)
{
	lane->stop = STOPPED;
	count(lane->stops, 1);
	bpf_ringbuf_output(&stops, &lane->slot, sizeof(lane->slot), 0);
}

/* Whether its worker has not failed for good. */
static __always_inline bool takes(struct bpf_sock *target, __u32 *backlog)
{
	*backlog = psock_backlog(target);
	return psock_state(target) & TX_ENABLED;
}

/* Whether the target can have another datagram now. */
static __always_inline bool has_room(struct datagram_lane *lane, __u64 cookie)
{
	struct bpf_sock *target = bpf_map_lookup_elem(&targets, &cookie);
	__u32 backlog;
	bool works;

	if (!target)
		return false;
	works = takes(target, &backlog);
	bpf_sk_release(target);
	if (backlog > lane->max_backlog)
		lane->max_backlog = backlog;
	return works && backlog < lane->limit;
}

static __always_inline int redirect(struct __sk_buff *skb, struct datagram_lane *lane, __u64 cookie, __u32 len)
{
	if (bpf_sk_redirect_hash(skb, &targets, &cookie, 0) != SK_PASS) {
		count(lane->refused_skbs, 1);
		return SK_DROP;
	}
	lane->last_nanos = bpf_ktime_get_coarse_ns();
	count(lane->redirected_bytes, len);
	count(lane->redirected_skbs, 1);
	return SK_PASS;
}

/* Ends the parsing at this boundary. The parser is stopped, what it has not been given stays in the receive queue, and
 * the window closes (strp_parser_err, strp_abort_strp). The error stands in sk_err until somebody takes it: who sends
 * to this socket meanwhile tries again, as a backlog worker does (sk_psock_backlog). */
static __always_inline int stop(struct datagram_lane *lane)
{
	tell(lane);
	return -EAGAIN;
}

/* Says how long the message is that begins here. A header and its payload are two messages, since nothing can be taken
 * off a parsed one: bpf_skb_adjust_room() leaves its offset and length (struct strp_msg) as they are. It never asks for
 * more to know that (0): what has been taken off the receive queue then would be lost when it stops. */
SEC("sk_skb/stream_parser")
int cut_parser(struct __sk_buff *skb)
{
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct datagram_lane *lane = lane_of(cookie);
	__u32 offset, len, piece;

	/* tcp_read_sock() may ask once more after a stop, for the rest of an skb. */
	if (!lane || lane->stop != RUNNING)
		return -EAGAIN;
	offset = parsed_message(skb)->offset;
	if (lane->stage == AT_PAYLOAD) {
		len = lane->expected;
		if (!len || len > lane->waits)
			return stop(lane);
		if (rest_of_piece(skb, offset) >= len)
			return len;
		if (offset + len > skb->len)
			return offset + len <= ONE_PIECE ? (int)len : stop(lane);
		/* A worker sends each piece by itself (__skb_send_sock). */
		if (offset + len > LONGEST_PIECE || bpf_skb_pull_data(skb, offset + len))
			return stop(lane);
		return len;
	}
	if (!has_room(lane, cookie))
		return stop(lane);
	if (lane->header)
		return lane->header;
	len = skb->len - offset;
	if (skb->len > ONE_PIECE) {
		piece = rest_of_piece(skb, offset);
		if (piece && piece < len)
			len = piece;
	}
	if (len > lane->longest)
		len = lane->longest;
	return len < lane->waits ? len : lane->waits;
}

/* Drops a parsed message by way of a socket that takes nothing. SK_DROP would count the whole skb as read, for each
 * message in it (tcp_eat_skb), and strparser then believe that nothing is left to wait for (strp_peek_len). */
static __always_inline int discard(struct __sk_buff *skb)
{
	__u64 key = SINK;

	return bpf_sk_redirect_hash(skb, &targets, &key, 0);
}

/* Takes note of a header, and sends a payload on. */
SEC("sk_skb/stream_verdict")
int cut_verdict(struct __sk_buff *skb)
{
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct datagram_lane *lane = lane_of(cookie);
	struct strp_msg *message = parsed_message(skb);
	__u32 offset = message->offset;
	__u32 len = message->full_len;

	if (!lane) {
		count(stray_skbs, 1);
		return discard(skb);
	}
	if (lane->header && lane->stage == AT_HEADER) {
		__u16 length16 = 0;
		__u32 length32 = 0;

		if (lane->header == sizeof(length16)) {
			bpf_skb_load_bytes(skb, offset, &length16, sizeof(length16));
			lane->expected = bpf_ntohs(length16);
		} else {
			bpf_skb_load_bytes(skb, offset, &length32, sizeof(length32));
			lane->expected = bpf_ntohl(length32);
		}
		lane->stage = AT_PAYLOAD;
		return discard(skb);
	}
	lane->stage = AT_HEADER;
	if (rest_of_piece(skb, offset) < len && bpf_skb_pull_data(skb, offset + len)) {
		count(lane->no_memory_skbs, 1);
		return discard(skb);
	}
	return redirect(skb, lane, cookie, len);
}

/* Sees to it that what the worker sends of an skb at a time is not too long. Where its boundaries fall does not matter,
 * but one datagram is best; and taking the first bytes to the front cuts what is one long piece. */
static __always_inline bool fit(struct __sk_buff *skb, struct datagram_lane *lane, __u32 len)
{
	if (len <= lane->longest) {
		bpf_skb_pull_data(skb, len);
		return true;
	}
	bpf_skb_pull_data(skb, lane->longest / 2);
	return longest_piece(skb) <= lane->longest;
}

SEC("sk_skb")
int stream_verdict(struct __sk_buff *skb)
{
	__u64 cookie = stream_receiver(skb);
	struct datagram_lane *lane = lane_of(cookie);
	struct bpf_sock *target;
	__u32 len = skb->len;
	__u32 backlog = 0;
	bool works;

	if (!lane) {
		count(stray_skbs, 1);
		return SK_DROP;
	}
	if (skb->family == AF_UNIX) {
		/* unix_stream_read_skb() gives an skb whole, also one that was read in part. */
		__u32 consumed = unix_consumed(skb);
		int left = consumed ? cut(skb, consumed) : (int)len;

		if (left < 0) {
			count(lane->no_memory_skbs, 1);
			return SK_DROP;
		}
		len = left;
	}
	if (!len)
		return SK_DROP;
	target = bpf_map_lookup_elem(&targets, &cookie);
	works = target && takes(target, &backlog);
	if (target)
		bpf_sk_release(target);
	if (!works) {
		count(lane->no_target_skbs, 1);
		return SK_DROP;
	}
	if (backlog > lane->max_backlog)
		lane->max_backlog = backlog;
	/* Nothing holds a vsock sender back: user space takes the source out. A UNIX one has no limit. */
	if (lane->limit && backlog >= lane->limit && lane->stop == RUNNING)
		tell(lane);
	if (!fit(skb, lane, len)) {
		count(lane->too_long_skbs, 1);
		return SK_DROP;
	}
	return redirect(skb, lane, cookie, len);
}

#endif
