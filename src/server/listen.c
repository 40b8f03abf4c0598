#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union address {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
} address;

static socklen_t read_host (address *out, const char *host, int port) {
  memset(out, 0, sizeof *out);
  if (inet_pton(AF_INET, host, &out->four.sin_addr) == 1) {
    out->four.sin_family = AF_INET;
    out->four.sin_port = htons((uint16_t)port);
    return sizeof out->four;
  }
  if (inet_pton(AF_INET6, host, &out->six.sin6_addr) == 1) {
    out->six.sin6_family = AF_INET6;
    out->six.sin6_port = htons((uint16_t)port);
    return sizeof out->six;
  }
  return 0;
}

bool al_listen_loopback (const char *host) {
  address a;
  if (read_host(&a, host, 0) == 0) return false;
  if (a.any.sa_family == AF_INET) return ntohl(a.four.sin_addr.s_addr) >> 24 == 127;
  return IN6_IS_ADDR_LOOPBACK(&a.six.sin6_addr);
}

static bool take_port (int fd, int *port) {
  address a = { .any = { 0 } };
  socklen_t n = sizeof a;
  if (getsockname(fd, &a.any, &n) != 0) return false;
  *port = ntohs(a.any.sa_family == AF_INET ? a.four.sin_port : a.six.sin6_port);
  return true;
}

int al_listen_open (const char *host, int *port, char *why, size_t why_n) {
  address a;
  socklen_t n = read_host(&a, host, *port);
  int on = 1;
  int fd = socket(a.any.sa_family, SOCK_STREAM, 0);
  /* SO_REUSEADDR skips the wait after a server that just closed; two servers on one port stay forbidden */
  if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && bind(fd, &a.any, n) == 0 &&
      listen(fd, SOMAXCONN) == 0 && take_port(fd, port))
    return fd;
  snprintf(why, why_n, "can't listen on %s port %d: %s", host, *port, strerror(errno));
  if (fd >= 0) close(fd);
  return -1;
}

void al_listen_name (char *out, size_t n, const struct sockaddr *from) {
  const address *a = (const address *)(const void *)from;
  char text[INET6_ADDRSTRLEN] = "";
  if (from->sa_family == AF_INET && inet_ntop(AF_INET, &a->four.sin_addr, text, sizeof text) != NULL)
    snprintf(out, n, "%s:%d", text, ntohs(a->four.sin_port));
  else if (from->sa_family == AF_INET6 && inet_ntop(AF_INET6, &a->six.sin6_addr, text, sizeof text) != NULL)
    snprintf(out, n, "[%s]:%d", text, ntohs(a->six.sin6_port));
  else out[0] = '\0';
}
