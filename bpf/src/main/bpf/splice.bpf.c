// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Splices sockets: a verdict program with a gate, and a query for the backlog of targets. */
#include "kernel.h"
#include "splice.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Skbs of sources that have no lane: user space evicts a source before it frees the lane, so this stays 0. */
__u64 stray_skbs;

/* Never read: it makes the object's BTF tell the layout of struct backlog_query. */
const struct backlog_query *layout __attribute__((unused));

#define MAX_QUERIES 64

#define count(counter, n) __sync_fetch_and_add(&(counter), (n))

/* The cookie of the socket that receives this skb. On UNIX sockets skb->sk is the sender and its peer the receiver
 * (unix_stream_sendmsg leaves the sender's ownership in place until the skb is consumed). */
static __always_inline __u64 receiver_cookie(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct unix_sock *sender;
	struct sock *peer;

	if (!sk)
		return 0;
	if (sk->family != AF_UNIX)
		return bpf_get_socket_cookie(skb);
	sender = (struct unix_sock *)bpf_skc_to_unix_sock(sk);
	if (!sender)
		return 0;
	peer = sender->peer;
	return peer ? peer->__sk_common.skc_cookie.counter : 0;
}

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

static __always_inline int redirect(struct __sk_buff *skb, struct lane *lane, __u64 cookie, __u32 len)
{
	if (bpf_sk_redirect_hash(skb, &targets, &cookie, 0) != SK_PASS) {
		count(lane->refused_bytes, len);
		count(lane->refused_skbs, 1);
		return SK_DROP;
	}
	count(lane->redirected_bytes, len);
	count(lane->redirected_skbs, 1);
	return SK_PASS;
}

/* bpf_skb_adjust_room takes off less than this at once (sk_skb_adjust_room). */
#define MOST_CUT 4095
#define MOST_CUTS 512

/* Cuts off the bytes that the verdict has seen before. A retransmission that the socket's backlog joined with new data
 * (tcp_add_backlog) comes here whole: tcp_read_skb does not skip what was received before, as tcp_recvmsg does. So does
 * a first skb that user space had read a part of. cb holds tcp_skb_cb: seq and end_seq. */
static __always_inline int cut_repeated(struct __sk_buff *skb, struct lane *lane)
{
	struct bpf_sock *sk = skb->sk;
	struct tcp_sock *tcp;
	__s32 repeated;
	int i;

	if (!sk || lane->flags & LANE_UNGATED)
		return 0;
	if (!(lane->flags & LANE_STARTED)) {
		tcp = (struct tcp_sock *)bpf_skc_to_tcp_sock(sk);
		if (!tcp)
			return 0;
		lane->next_seq = tcp->copied_seq;
		lane->flags |= LANE_STARTED;
	}
	repeated = lane->next_seq - skb->cb[0];
	lane->next_seq = skb->cb[1];
	if (repeated <= 0)
		return 0;
	lane->repeats++;
	/* Only the FIN is new. */
	if (repeated >= (__s32)skb->len)
		return -1;
	for (i = 0; i < MOST_CUTS && repeated > 0; i++) {
		__s32 cut = repeated < MOST_CUT ? repeated : MOST_CUT;

		if (bpf_skb_adjust_room(skb, -cut, 0, 0)) {
			count(lane->refused_bytes, skb->len);
			count(lane->refused_skbs, 1);
			return -1;
		}
		repeated -= cut;
	}
	return repeated;
}

SEC("sk_skb")
int splice_verdict(struct __sk_buff *skb)
{
	__u64 cookie = receiver_cookie(skb);
	struct lane *lane = lane_of(cookie);
	struct bpf_sock *target;
	__u32 backlog;
	__u32 len;

	/* A FIN: passed or redirected it would stop a backlog worker (sk_psock_backlog takes 0 bytes for an error). */
	if (!skb->len)
		return SK_DROP;
	if (!lane) {
		count(stray_skbs, 1);
		return SK_PASS;
	}
	if (cut_repeated(skb, lane))
		return SK_DROP;
	len = skb->len;
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
	if (backlog >= lane->limit && !(lane->flags & LANE_UNGATED))
		return shut_and_pass(lane, len);
	return redirect(skb, lane, cookie, len);
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
