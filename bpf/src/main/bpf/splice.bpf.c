// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Splices sockets: a verdict program with a gate, and a query for the backlog of targets. */
#include <bpf/bpf_endian.h>
#include "kernel.h"
#include "splice.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Skbs of sources that have no lane: user space evicts a source before it frees the lane, so this stays 0. */
__u64 stray_skbs;

/* Never read: it makes the object's BTF tell the layout of struct backlog_query. */
const struct backlog_query *layout __attribute__((unused));

#define MAX_QUERIES 64

#define count(counter, n) __sync_fetch_and_add(&(counter), (n))

static __always_inline struct lane *lane_of(__u64 cookie)
{
	__u32 *slot = bpf_map_lookup_elem(&slots, &cookie);
	__u32 index;
	struct lane *lane;

	if (!slot)
		return NULL;
	index = *slot;
	lane = bpf_map_lookup_elem(&lanes, &index);
	/* A freed element of `slots` can be in use again for another lane by now. */
	return lane && lane->cookie == cookie ? lane : NULL;
}

/* TCP queues a segment that was sent again and overlaps what came before as it is; tcp_recvmsg() skips by copied_seq
 * what it has read already, and tcp_read_skb() does not: nor what user space has read of an skb before the source was
 * enrolled. Takes the overlap off and returns what is left, or -1. */
static __always_inline int trim(struct __sk_buff *skb, struct lane *lane)
{
	__u32 seq = tcp_seq(skb);
	__u32 copied = tcp_copied_seq(skb);
	__u32 len = skb->len;
	__s32 overlap;

	if (!(lane->flags & LANE_SEQ_KNOWN) || (__s32)(copied - lane->next_seq) > 0) {
		lane->flags |= LANE_SEQ_KNOWN;
		lane->next_seq = copied;
	}
	overlap = lane->next_seq - seq;
	if (overlap <= 0) {
		lane->next_seq = seq + len;
		return len;
	}
	if (overlap >= (__s32)len) {
		count(lane->overlap_bytes, len);
		return 0;
	}
	lane->next_seq = seq + len;
	count(lane->overlap_bytes, overlap);
	return cut(skb, overlap);
}

static __always_inline int refuse(struct lane *lane, __u32 len)
{
	count(lane->refused_bytes, len);
	count(lane->refused_skbs, 1);
	return SK_DROP;
}

static __always_inline int pass(struct lane *lane, __u32 len)
{
	count(lane->passed_bytes, len);
	count(lane->passed_skbs, 1);
	return SK_PASS;
}

/* The length goes in before the bit, so that user space never sees a shut gate with nothing to consume while bytes are
 * on their way. */
static __always_inline int shut_and_pass(struct lane *lane, __u32 len)
{
	__sync_fetch_and_add(&lane->gate, len);
	if (!(__sync_fetch_and_or(&lane->gate, GATE_PASS) & GATE_PASS)) {
		count(lane->closings, 1);
		bpf_ringbuf_output(&closings, &lane->slot, sizeof(lane->slot), 0);
	}
	return pass(lane, len);
}

static __always_inline void tell(struct lane *lane)
{
	if (!(lane->flags & LANE_TELLS) || lane->pause != RUNNING)
		return;
	lane->pause = PAUSE_WANTED;
	count(lane->closings, 1);
	bpf_ringbuf_output(&closings, &lane->slot, sizeof(lane->slot), 0);
}

static __always_inline int redirect(struct __sk_buff *skb, struct lane *lane, __u64 cookie, __u32 len)
{
	if (bpf_sk_redirect_hash(skb, &targets, &cookie, 0) != SK_PASS)
		return refuse(lane, len);
	count(lane->redirected_bytes, len);
	count(lane->redirected_skbs, 1);
	return SK_PASS;
}

/* Whether the next segment that the source sends can take it out of `sources`. */
static __always_inline bool can_pause(struct __sk_buff *skb, struct lane *lane, __u32 backlog)
{
	struct bpf_sock *source = skb->sk;

	return (lane->flags & LANE_PAUSABLE) && backlog < lane->limit * PAUSE_SLACK && source &&
	       tcp_shows_segments(source);
}

SEC("sk_skb")
int splice_verdict(struct __sk_buff *skb)
{
	__u64 cookie = stream_receiver(skb);
	struct lane *lane = lane_of(cookie);
	struct bpf_sock *target;
	__u32 len = skb->len;
	__u32 backlog;

	/* A FIN: passed or redirected it would stop a backlog worker (sk_psock_backlog takes 0 bytes for an error). */
	if (!len)
		return SK_DROP;
	if (!lane) {
		count(stray_skbs, 1);
		return SK_PASS;
	}
	if (lane->flags & LANE_TCP) {
		int left = trim(skb, lane);

		if (left < 0)
			return refuse(lane, len);
		if (!left)
			return SK_DROP;
		len = left;
	} else if (skb->family == AF_UNIX) {
		/* unix_stream_read_skb() gives an skb whole, also one that was read in part. */
		__u32 consumed = unix_consumed(skb);
		int left = consumed ? cut(skb, consumed) : (int)len;

		if (left < 0)
			return refuse(lane, len);
		len = left;
	}
	if (lane->gate) {
		__sync_fetch_and_add(&lane->gate, len);
		return pass(lane, len);
	}
	target = bpf_map_lookup_elem(&targets, &cookie);
	if (!target) {
		if (lane->flags & LANE_UNGATED) {
			count(lane->no_target_bytes, len);
			count(lane->no_target_skbs, 1);
			return SK_DROP;
		}
		count(lane->missed_skbs, 1);
		return shut_and_pass(lane, len);
	}
	backlog = psock_backlog(target);
	bpf_sk_release(target);
	if (backlog > lane->max_backlog)
		lane->max_backlog = backlog;
	if (backlog >= lane->limit) {
		if (lane->flags & LANE_UNGATED)
			tell(lane);
		else if (!can_pause(skb, lane, backlog))
			return shut_and_pass(lane, len);
		else if (lane->pause == RUNNING)
			lane->pause = PAUSE_WANTED;
	}
	return redirect(skb, lane, cookie, len);
}

/* Takes a TCP source out of `sources`, so that what its peer sends stays in its receive queue, and its window closes.
 *
 * Only here is that safe while bytes flow: the program runs for each segment that the source sends, such as the ACKs of
 * what it receives, and with the socket's lock held, as its verdicts do. User space could take it out under a running
 * verdict, and what that one still had to look at would be dropped (sk_psock_verdict_recv without a program). Under an
 * ACK that a verdict sends itself (tcp_eat_skb) more may be queued for it: not then. */
static __always_inline void pause(struct bpf_sock_ops *ops)
{
	__u64 cookie = bpf_get_socket_cookie(ops);
	struct lane *lane = lane_of(cookie);
	struct bpf_sock *sk = ops->sk;

	if (!lane || !sk)
		return;
	if (lane->pause != PAUSE_WANTED || receive_queue(sk))
		return;
	/* User space holds pauses off before it opens the gate. */
	if (__sync_fetch_and_add(&lane->gate, 0) || lane->pause != PAUSE_WANTED)
		return;
	if (bpf_map_delete_elem(&sources, &cookie))
		return;
	lane->pause = PAUSED;
	count(lane->closings, 1);
	bpf_ringbuf_output(&closings, &lane->slot, sizeof(lane->slot), 0);
}

static __always_inline void established(struct bpf_sock_ops *ops, __u64 port)
{
	if (bpf_map_lookup_elem(&pausable_ports, &port))
		bpf_sock_ops_cb_flags_set(ops, ops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
}

SEC("sockops")
int pause_source(struct bpf_sock_ops *ops)
{
	switch (ops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		established(ops, bpf_ntohl(ops->remote_port));
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		established(ops, ops->local_port);
		break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		pause(ops);
		break;
	}
	return 1;
}

/* Run from user space with a packet of 16 bytes and an array of struct backlog_query, answered in place. */
SEC("tc")
int query_backlogs(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct backlog_query *query = data + 16;
	int i;

	for (i = 0; i < MAX_QUERIES; i++, query++) {
		struct bpf_sock *target;
		__u64 cookie;

		if ((void *)(query + 1) > end)
			break;
		cookie = query->cookie;
		target = bpf_map_lookup_elem(&targets, &cookie);
		if (!target) {
			query->state = BACKLOG_NO_TARGET;
			continue;
		}
		query->backlog = psock_backlog(target);
		query->state = BACKLOG_KNOWN;
		bpf_sk_release(target);
	}
	return 0;
}
