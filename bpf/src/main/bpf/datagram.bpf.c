// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Splices datagram sockets: a verdict program that keeps boundaries or puts a length in front, and drops what is too
 * much; and programs that cut streams into datagrams. They never pass: what a socket in a sockmap passes to user space
 * has lost its boundaries (sk_msg_recvmsg). */
#include <bpf/bpf_endian.h>
#include "kernel.h"
#include "datagram.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Skbs whose receiver is not known, or has no lane: dropped. */
__u64 stray_skbs;

#define count(counter, n) __sync_fetch_and_add(&(counter), (n))

/* Never read: it makes the object's BTF tell the layout of struct source_query. */
const struct source_query *layout __attribute__((unused));

/* SK_PSOCK_TX_ENABLED: cleared when a send has failed for good; what is redirected after that is dropped. */
#define TX_ENABLED 1

/* What a socket filter says to keep a packet whole. */
#define KEEP -1

#define UDP_HEADER 8

static __always_inline void note(__u64 cookie)
{
	__u64 task = bpf_get_current_task();

	bpf_map_update_elem(&receivers, &task, &cookie, BPF_ANY);
}

/* Attached to each UNIX datagram socket that is a source. A filter runs for a datagram just before the socket's data
 * ready (unix_dgram_sendmsg), in the task that sends, and skb->sk is the receiver then (sk_filter_trim_cap), which the
 * verdict program cannot know: there it is the sender. */
SEC("socket")
int note_receiver(struct __sk_buff *skb)
{
	note(bpf_get_socket_cookie(skb));
	return KEEP;
}

/* The cookie of the socket that receives this skb. */
static __always_inline __u64 receiver_cookie(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	__u64 task;
	__u64 *cookie;

	if (!sk)
		return 0;
	if (sk->family != AF_UNIX)
		return bpf_get_socket_cookie(skb);
	task = bpf_get_current_task();
	cookie = bpf_map_lookup_elem(&receivers, &task);
	return cookie ? *cookie : 0;
}

static __always_inline struct datagram_lane *lane_of(__u64 cookie)
{
	__u32 *slot = bpf_map_lookup_elem(&slots, &cookie);
	__u32 index;
	struct datagram_lane *lane;

	if (!slot)
		return NULL;
	index = *slot;
	lane = bpf_map_lookup_elem(&lanes, &index);
	/* A freed element of `slots` can be in use again for another lane by now. */
	return lane && lane->cookie == cookie ? lane : NULL;
}

/* The verifier wants to know how long a record is: the shortest of these that holds the datagram. */
#define CATCH(size)                                                                                                    \
	static __always_inline bool catch_##size(struct __sk_buff *skb, __u32 skip, __u64 cookie, __u32 len)           \
	{                                                                                                              \
		struct {                                                                                               \
			struct caught_header header;                                                                   \
			__u8 payload[size];                                                                            \
		} *record = bpf_ringbuf_reserve(&caught, sizeof(*record), 0);                                          \
                                                                                                                       \
		if (!record)                                                                                           \
			return false;                                                                                  \
		record->header.cookie = cookie;                                                                        \
		record->header.length = len;                                                                           \
		if (len && len <= size && bpf_skb_load_bytes(skb, skip, record->payload, len)) {                       \
			bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);                                                 \
			return false;                                                                                  \
		}                                                                                                      \
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);                                                          \
		return true;                                                                                           \
	}

CATCH(256)
CATCH(2048)
CATCH(65536)
CATCH(1048576)

/* In the place of any other filter on a source that is about to leave `sources`: takes its datagrams off it, to user
 * space, which hands them back. While a verdict runs its source may not leave (sk_psock_stop_verdict takes the program
 * away, and sk_psock_verdict_recv drops what has none); a filter may come and go at any time, and what it does not
 * keep has no verdict. Once one could not be caught no more are: they would overtake it. */
SEC("socket")
int catch_datagram(struct __sk_buff *skb)
{
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct datagram_lane *lane = lane_of(cookie);
	__u32 skip = skb->sk && skb->sk->family != AF_UNIX ? UDP_HEADER : 0;
	__u32 len = skb->len - skip;
	bool held = false;

	if (!lane)
		return KEEP;
	if (!lane->missed_skbs) {
		if (len <= 256)
			held = catch_256(skb, skip, cookie, len);
		else if (len <= 2048)
			held = catch_2048(skb, skip, cookie, len);
		else if (len <= 65536)
			held = catch_65536(skb, skip, cookie, len);
		else if (len <= 1048576)
			held = catch_1048576(skb, skip, cookie, len);
	}
	if (held) {
		count(lane->caught_skbs, 1);
		return 0;
	}
	count(lane->missed_skbs, 1);
	if (!skip)
		note(cookie);
	return KEEP;
}

/* Puts the length in front. bpf_skb_adjust_room() has no limit here, where bpf_skb_change_head() ends at 16 KiB. */
static __always_inline int put_length(struct __sk_buff *skb, __u32 header, __u32 len)
{
	if (header == 2) {
		__u16 length = bpf_htons(len);

		return bpf_skb_adjust_room(skb, 2, 0, 0) ?: bpf_skb_store_bytes(skb, 0, &length, 2, 0);
	}
	if (header == 4) {
		__u32 length = bpf_htonl(len);

		return bpf_skb_adjust_room(skb, 4, 0, 0) ?: bpf_skb_store_bytes(skb, 0, &length, 4, 0);
	}
	return 0;
}

/* The address of a UNIX sender, if it has one. */
static __always_inline struct unix_address *sender_address(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct unix_sock *sender = sk ? (struct unix_sock *)bpf_skc_to_unix_sock(sk) : NULL;

	return sender ? sender->addr : NULL;
}

/* To user space, with the sender's address, by way of a socket: what is passed has lost where it ends. */
static __always_inline int take_detour(struct __sk_buff *skb, struct datagram_lane *lane, struct unix_address *address)
{
	struct detour_header header = {};
	__u64 key = lane->detour;

	header.length = address->len;
	if (header.length > NAME_SIZE)
		header.length = NAME_SIZE;
	if (bpf_probe_read_kernel(header.name, header.length, address->name) ||
	    bpf_skb_adjust_room(skb, sizeof(header), 0, 0) || bpf_skb_store_bytes(skb, 0, &header, sizeof(header), 0) ||
	    bpf_skb_pull_data(skb, skb->len)) {
		count(lane->no_memory_skbs, 1);
		return SK_DROP;
	}
	if (bpf_sk_redirect_hash(skb, &targets, &key, 0) != SK_PASS) {
		count(lane->refused_skbs, 1);
		return SK_DROP;
	}
	count(lane->detoured_skbs, 1);
	return SK_PASS;
}

SEC("sk_skb")
int datagram_verdict(struct __sk_buff *skb)
{
	__u64 cookie = receiver_cookie(skb);
	struct datagram_lane *lane = lane_of(cookie);
	struct bpf_sock *target;
	__u32 len = skb->len;
	__u32 backlog;
	__u64 state;

	if (!lane) {
		count(stray_skbs, 1);
		return SK_DROP;
	}
	if (lane->flags & LANE_HAS_DETOUR) {
		struct unix_address *address = sender_address(skb);

		if (address)
			return take_detour(skb, lane, address);
	}
	/* Redirected it would stop a backlog worker (sk_psock_backlog takes 0 bytes for an error). */
	if (!len) {
		count(lane->empty_skbs, 1);
		return SK_DROP;
	}
	if (len > lane->longest) {
		count(lane->too_long_skbs, 1);
		return SK_DROP;
	}
	target = bpf_map_lookup_elem(&targets, &cookie);
	if (!target) {
		count(lane->no_target_skbs, 1);
		return SK_DROP;
	}
	backlog = psock_backlog(target);
	state = psock_state(target);
	bpf_sk_release(target);
	if (!(state & TX_ENABLED)) {
		count(lane->no_target_skbs, 1);
		return SK_DROP;
	}
	if (backlog > lane->max_backlog)
		lane->max_backlog = backlog;
	if (lane->limit && backlog >= lane->limit) {
		count(lane->overload_skbs, 1);
		return SK_DROP;
	}
	/* A worker sends each piece of an skb by itself (__skb_send_sock): to a datagram socket, as many datagrams. */
	if (lane->flags & LANE_KEEPS_BOUNDARIES && bpf_skb_pull_data(skb, len)) {
		count(lane->no_memory_skbs, 1);
		return SK_DROP;
	}
	if (put_length(skb, lane->header, len)) {
		count(lane->no_memory_skbs, 1);
		return SK_DROP;
	}
	if (bpf_sk_redirect_hash(skb, &targets, &cookie, 0) != SK_PASS) {
		count(lane->refused_skbs, 1);
		return SK_DROP;
	}
	lane->last_nanos = bpf_ktime_get_coarse_ns();
	count(lane->redirected_bytes, len);
	count(lane->redirected_skbs, 1);
	return SK_PASS;
}

/* Run from user space with a packet of 16 bytes and a struct source_query, answered in place. */
SEC("tc")
int query_source(struct __sk_buff *skb)
{
	struct source_query *query = (void *)(long)skb->data + 16;
	struct bpf_sock *sk;
	__u64 cookie;

	if ((void *)(query + 1) > (void *)(long)skb->data_end)
		return 0;
	cookie = query->cookie;
	query->backlog = -1;
	query->unread = 0;
	query->pending = 0;
	sk = bpf_map_lookup_elem(&targets, &cookie);
	if (sk) {
		if (psock_state(sk) & TX_ENABLED)
			query->backlog = psock_backlog(sk);
		bpf_sk_release(sk);
	}
	sk = bpf_map_lookup_elem(&parsed, &cookie);
	if (sk) {
		query->unread = tcp_unread(sk);
		query->pending = parser_pending(sk);
		bpf_sk_release(sk);
	}
	return 0;
}

#include "cut.h"
