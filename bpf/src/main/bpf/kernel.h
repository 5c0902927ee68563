/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The few kernel structs that Fid reads, relocated against the running kernel's BTF when a program is loaded. */
#ifndef FID_KERNEL_H
#define FID_KERNEL_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define AF_UNIX 1

/* More than a kernel can be built with: CONFIG_MAX_SKB_FRAGS ends at 45. */
#define MAX_FRAGS 48

/* skb_frag_t, under whatever name its fields have (struct bio_vec until Linux 6.8): a page, a length, an offset. */
struct frag {
	__u64 page;
	__u32 len;
	__u32 offset;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__s64 counter;
} atomic64_t;

struct sock_common {
	atomic64_t skc_cookie;
};

struct sk_buff_head {
	__u32 qlen;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	void *sk_user_data;
};

struct tcp_sock {
	__u32 copied_seq;
	__u32 rcv_nxt;
	__u8 bpf_sock_ops_cb_flags;
};

struct sk_buff {
	struct sock *sk;
	char cb[48];
	unsigned int len;
	unsigned int data_len;
	__u32 end;
	unsigned char *head;
};

struct skb_shared_info {
	__u8 nr_frags;
	struct frag frags[1];
};

struct strp_msg {
	int full_len;
	int offset;
};

struct _strp_msg {
	struct strp_msg strp;
};

struct sk_skb_cb {
	struct _strp_msg strp;
};

struct work_struct {
	atomic64_t data;
};

struct strparser {
	struct work_struct work;
};

struct tcp_skb_cb {
	__u32 seq;
};

struct unix_skb_parms {
	__u32 consumed;
};

struct sockaddr_un {
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[];
};

struct unix_sock {
	struct sock *peer;
	struct unix_address *addr;
};

struct sk_psock {
	struct sk_buff_head ingress_skb;
	unsigned long state;
	struct strparser strp;
};

#pragma clang attribute pop

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;

/* What the kernel keeps for a socket in a sockmap. The low bits of sk_user_data are flags (SK_USER_DATA_PTRMASK,
 * include/net/sock.h). */
static __always_inline struct sk_psock *psock_of(void *bpf_sock)
{
	struct sock *sk = bpf_rdonly_cast(bpf_sock, bpf_core_type_id_kernel(struct sock));
	void *psock = (void *)((long)sk->sk_user_data & ~7L);

	return bpf_rdonly_cast(psock, bpf_core_type_id_kernel(struct sk_psock));
}

/* The skbs that wait in it, not yet sent. */
static __always_inline __u32 psock_backlog(void *bpf_sock)
{
	return psock_of(bpf_sock)->ingress_skb.qlen;
}

/* Its flags: enum sk_psock_state_bits. */
static __always_inline __u64 psock_state(void *bpf_sock)
{
	return psock_of(bpf_sock)->state;
}

/* The skbs that wait to be read from a socket. */
static __always_inline __u32 receive_queue(void *bpf_sock)
{
	struct sock *sk = bpf_rdonly_cast(bpf_sock, bpf_core_type_id_kernel(struct sock));

	return sk->sk_receive_queue.qlen;
}

/* Whether sock_ops programs run for each segment that a TCP socket sends. */
static __always_inline bool tcp_shows_segments(void *bpf_sock)
{
	struct tcp_sock *tp = bpf_rdonly_cast(bpf_sock, bpf_core_type_id_kernel(struct tcp_sock));

	return tp->bpf_sock_ops_cb_flags & BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG;
}

/* The sequence number of the first byte of an skb in a TCP receive queue. */
static __always_inline __u32 tcp_seq(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	return ((struct tcp_skb_cb *)bpf_rdonly_cast(&skb->cb, bpf_core_type_id_kernel(struct tcp_skb_cb)))->seq;
}

/* The sequence number of the first byte that nobody has read from the TCP socket which receives this skb. */
static __always_inline __u32 tcp_copied_seq(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	return ((struct tcp_sock *)bpf_rdonly_cast(skb->sk, bpf_core_type_id_kernel(struct tcp_sock)))->copied_seq;
}

/* The bytes of an skb in a UNIX stream's receive queue that were read already. */
static __always_inline __u32 unix_consumed(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	return ((struct unix_skb_parms *)bpf_rdonly_cast(&skb->cb, bpf_core_type_id_kernel(struct unix_skb_parms)))
		->consumed;
}

/* The message that a stream parser has found within an skb. */
static __always_inline struct strp_msg *parsed_message(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	return &((struct sk_skb_cb *)bpf_rdonly_cast(&skb->cb, bpf_core_type_id_kernel(struct sk_skb_cb)))->strp.strp;
}

/* How far it is from `offset` to the end of the piece of memory that it lies in, of which an skb has one or many; 0
 * where that is in a list of further skbs. */
static __always_inline __u32 rest_of_piece(struct __sk_buff *ctx, __u32 offset)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);
	__u32 end = skb->len - skb->data_len;
	struct skb_shared_info *shared;
	void *frags;
	int i;

	if (offset < end)
		return end - offset;
	shared = bpf_rdonly_cast(skb->head + skb->end, bpf_core_type_id_kernel(struct skb_shared_info));
	frags = (void *)shared + bpf_core_field_offset(struct skb_shared_info, frags);
	for (i = 0; i < MAX_FRAGS && i < shared->nr_frags; i++) {
		struct frag frag;

		if (bpf_probe_read_kernel(&frag, sizeof(frag), frags + i * sizeof(frag)))
			return 0;
		end += frag.len;
		if (offset < end)
			return end - offset;
	}
	return 0;
}

/* The longest of its pieces; more than any where it has a list of further skbs. */
static __always_inline __u32 longest_piece(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);
	__u32 longest = skb->len - skb->data_len;
	__u32 end = longest;
	struct skb_shared_info *shared;
	void *frags;
	int i;

	shared = bpf_rdonly_cast(skb->head + skb->end, bpf_core_type_id_kernel(struct skb_shared_info));
	frags = (void *)shared + bpf_core_field_offset(struct skb_shared_info, frags);
	for (i = 0; i < MAX_FRAGS && i < shared->nr_frags; i++) {
		struct frag frag;

		if (bpf_probe_read_kernel(&frag, sizeof(frag), frags + i * sizeof(frag)))
			return -1;
		end += frag.len;
		if (frag.len > longest)
			longest = frag.len;
	}
	return end < skb->len ? -1 : longest;
}

/* The bytes that wait to be read from a TCP socket. */
static __always_inline __u32 tcp_unread(void *bpf_sock)
{
	struct tcp_sock *tp = bpf_rdonly_cast(bpf_sock, bpf_core_type_id_kernel(struct tcp_sock));

	return tp->rcv_nxt - tp->copied_seq;
}

#define WORK_PENDING 1

/* Whether its stream parser waits to be run in a work item (strp_data_ready on a socket that somebody has locked). */
static __always_inline bool parser_pending(void *bpf_sock)
{
	struct sk_psock *psock = psock_of(bpf_sock);

	return bpf_core_field_exists(psock->strp) && psock->strp.work.data.counter & WORK_PENDING;
}

/* The cookie of the socket that receives an skb of a stream. On UNIX sockets skb->sk is the sender and its peer the
 * receiver (unix_stream_sendmsg leaves the sender's ownership in place until the skb is consumed). */
static __always_inline __u64 stream_receiver(struct __sk_buff *skb)
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

/* The most that one bpf_skb_adjust_room() takes off, and so the most that cut() does. */
#define CUT_STEP 4095
#define CUT_STEPS 256

/* Takes so many bytes off the front; returns what is left, or -1. */
static __always_inline int cut(struct __sk_buff *skb, __s32 bytes)
{
	int i;

	for (i = 0; i < CUT_STEPS && bytes > 0; i++) {
		__s32 step = bytes > CUT_STEP ? CUT_STEP : bytes;

		if (bpf_skb_adjust_room(skb, -step, 0, 0))
			return -1;
		bytes -= step;
	}
	return bytes ? -1 : (int)skb->len;
}

#endif
