/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The maps and structs that the datagram programs share with user space; dev.fid.splice.DatagramLayout mirrors struct
 * datagram_lane. */
#ifndef FID_DATAGRAM_H
#define FID_DATAGRAM_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum datagram_flags {
	/* The target is a datagram socket: a datagram must leave in one piece. */
	LANE_KEEPS_BOUNDARIES = 1,
	/* A UNIX receiver of many senders: those that have an address take the detour. */
	LANE_HAS_DETOUR = 2,
};

/* One direction of a session. Its slot number is the value in `slots`. */
struct datagram_lane {
	__u64 cookie;  /* of the source; 0: the slot is free */
	__u32 limit;   /* of the target's backlog, skbs; 0: none, the sender is held back by its own send buffer */
	__u32 longest; /* the longest datagram that goes to this target, bytes */
	__u32 header;  /* bytes of length put in front of each: 0, 2, 4 */
	__u32 flags;
	__u64 detour;	  /* the key in `targets` of the detour */
	__u64 last_nanos; /* when something was redirected: the monotonic clock, to a tick */
	__u64 redirected_bytes;
	__u64 redirected_skbs;
	__u64 detoured_skbs;
	__u64 max_backlog;    /* highest seen, skbs */
	__u64 overload_skbs;  /* dropped: the backlog was at its limit */
	__u64 too_long_skbs;  /* dropped: longer than the target takes */
	__u64 empty_skbs;     /* dropped: a redirect cannot carry a datagram of length 0 */
	__u64 no_target_skbs; /* dropped: the target has left its map, or has failed */
	__u64 no_memory_skbs; /* dropped: the kernel could not put it in one piece */
	__u64 refused_skbs;   /* dropped: the redirect helper said no */
	__u64 caught_skbs;    /* in the ring `caught`; UDP counts them as dropped */
	__u64 missed_skbs;    /* had to be let through, as the ring was full */
	/* From here on of lanes out of a stream. */
	__u32 slot;	/* its own number */
	__u32 waits;	/* the longest message for whose end the parser waits, bytes */
	__u32 stage;	/* enum cut_stage */
	__u32 expected; /* the length of the message whose header was taken off last */
	__u32 stop;	/* enum stop */
	__u32 reserved;
	__u64 stops;
};

enum cut_stage {
	AT_HEADER,
	AT_PAYLOAD,
};

enum stop {
	RUNNING,
	/* The source is at the boundary of a message, and no program runs on it; or, where it has no parser, the target
	 * does not keep up. User space has been told. */
	STOPPED,
};

/* The key in `targets` of a socket that has failed: what is redirected there is dropped at once
 * (sk_psock_skb_redirect). Cookies count from 1. */
#define SINK 0

/* What the query answers for a cookie. */
struct source_query {
	__u64 cookie;
	__s32 backlog; /* of its target; -1: there is none, or it has failed */
	__u32 unread;  /* bytes in a TCP source with a parser */
	__u32 pending; /* its parser is about to run */
	__u32 reserved;
};

#define NAME_SIZE 110

/* In front of what takes the detour: the name of who sent it, a sockaddr_un. */
struct detour_header {
	__u32 length;
	__u8 name[NAME_SIZE];
	__u8 padding[2];
};

/* In front of each datagram in the ring `caught`. */
struct caught_header {
	__u64 cookie; /* of the socket that it came for */
	__u32 length; /* bytes, of which the record may hold more */
	__u32 unused;
};

/* The program attached to this map is what makes a socket in it a source. Keyed by its own cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} sources SEC(".maps");

/* The same for sources that are streams without a parser: UNIX and vsock. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} streams SEC(".maps");

/* The same for TCP sources, whose streams a parser cuts. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} parsed SEC(".maps");

/* Where a source's datagrams go, keyed by the source's cookie. No program: a target need not be a source. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} targets SEC(".maps");

/* The source's cookie to the number of its lane. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} slots SEC(".maps");

/* Mapped by user space, which reads the counters in place. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct datagram_lane);
} lanes SEC(".maps");

/* The task that is sending to a UNIX datagram socket, to the cookie of that socket. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u64);
} receivers SEC(".maps");

/* Datagrams for sockets that are leaving: see catch_datagram. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} caught SEC(".maps");
/* The slots (__u32) of lanes that have stopped. Each is announced at most once until user space has answered, so a ring
 * of 32 bytes a lane cannot overflow. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} stops SEC(".maps");

#endif
