// The one program of the nested guest. It serves on vsock, for the tests in the machine around it:
//
//   port 7  echoes what it reads until the end, then ends too
//   port 9  takes a line "PORT BYTES", connects to PORT of the host, sends so many bytes of a pattern while it reads them
//           back, and answers "ok" or what went wrong
//
// Each connection has a process of its own.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/vm_sockets.h>

enum { ECHO = 7, DRIVE = 9, HOST = VMADDR_CID_HOST, PIECE = 64 * 1024 };

static void die(const char *what)
{
	printf("fid: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_vm address(unsigned int cid, unsigned int port)
{
	return (struct sockaddr_vm){ .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port };
}

static int listener(unsigned int port)
{
	struct sockaddr_vm any = address(VMADDR_CID_ANY, port);
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 16))
		die("listen");
	return fd;
}

static void echo(int fd)
{
	static char piece[PIECE];
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		for (ssize_t sent = 0, n; sent < got; sent += n) {
			n = write(fd, piece + sent, got - sent);
			if (n < 0)
				die("echo: write");
		}
	}
	if (got < 0)
		die("echo: read");
}

// Byte i of the stream; 251 is prime, so that a piece that is lost or doubled shows.
static char pattern(long i)
{
	return (char)(i % 251);
}

static const char *exchange(int fd, long bytes)
{
	static char out[PIECE], in[PIECE];
	long sent = 0, got = 0;

	while (got < bytes) {
		struct pollfd ready = { fd, POLLIN | (sent < bytes ? POLLOUT : 0), 0 };

		if (poll(&ready, 1, -1) < 0)
			return "poll failed";
		if (ready.revents & POLLIN) {
			ssize_t n = recv(fd, in, sizeof(in), MSG_DONTWAIT);

			if (n == 0)
				return "the stream ended early";
			if (n < 0 && errno != EAGAIN)
				return strerror(errno);
			for (ssize_t i = 0; i < n; i++)
				if (in[i] != pattern(got + i))
					return "a byte is not what was sent";
			got += n > 0 ? n : 0;
		}
		if (sent < bytes && (ready.revents & POLLOUT)) {
			long piece = bytes - sent < PIECE ? bytes - sent : PIECE;
			ssize_t n;

			for (long i = 0; i < piece; i++)
				out[i] = pattern(sent + i);
			n = send(fd, out, piece, MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN)
				return strerror(errno);
			sent += n > 0 ? n : 0;
			if (sent == bytes)
				shutdown(fd, SHUT_WR);
		}
		if ((ready.revents & (POLLERR | POLLHUP)) && !(ready.revents & POLLIN))
			return "the connection broke";
	}
	return recv(fd, in, 1, 0) == 0 ? "ok" : "more came back than was sent";
}

static void drive(int fd)
{
	char line[64] = "";
	unsigned int port;
	long bytes;

	if (read(fd, line, sizeof(line) - 1) <= 0 || sscanf(line, "%u %ld", &port, &bytes) != 2) {
		dprintf(fd, "not understood: %s\n", line);
		return;
	}
	struct sockaddr_vm host = address(HOST, port);
	int out = socket(AF_VSOCK, SOCK_STREAM, 0);
	/* In place of 2 s: the host may be emulated, too. */
	struct timeval patience = { 60, 0 };

	setsockopt(out, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &patience, sizeof(patience));
	if (out < 0 || connect(out, (struct sockaddr *)&host, sizeof(host)))
		dprintf(fd, "connect: %s\n", strerror(errno));
	else
		dprintf(fd, "%s\n", exchange(out, bytes));
}

int main(void)
{
	struct pollfd listeners[] = { { listener(ECHO), POLLIN, 0 }, { listener(DRIVE), POLLIN, 0 } };

	signal(SIGCHLD, SIG_IGN);
	printf("fid: guest ready\n");
	fflush(stdout);
	for (;;) {
		if (poll(listeners, 2, -1) < 0)
			die("poll");
		for (int i = 0; i < 2; i++) {
			int fd;

			if (!(listeners[i].revents & POLLIN))
				continue;
			fd = accept(listeners[i].fd, NULL, NULL);
			if (fd < 0)
				die("accept");
			if (fork() == 0) {
				if (i == 0)
					echo(fd);
				else
					drive(fd);
				exit(0);
			}
			close(fd);
		}
	}
}
