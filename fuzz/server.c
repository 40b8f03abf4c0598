/* What a browser, or anyone on this machine, sends to the local server: the bytes of one connection, over a real
 * socket. */
#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

static al_server server;

static void open_once (void) {
  char why[256];
  if (server.daemon != NULL) return;
  server = AL_SERVER_CLOSED;
  snprintf(server.host, sizeof server.host, "127.0.0.1");
  server.max_body = 4096;
  server.idle_s = 60;
  server.peers.most = 4;
  if (!al_server_open(&server, NULL, NULL, why, sizeof why)) must_fail(__FILE__, __LINE__, why);
}

static int connect_to (void) {
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)server.port) };
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 }; /* thousands of connections must not wait in TIME_WAIT */
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd;
  while ((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
    if (errno != EADDRNOTAVAIL && errno != EINTR) abort(); /* libFuzzer's own alarm interrupts */
    close(fd);
    usleep(10000); /* those that the server closes first do wait in TIME_WAIT, and in time take every port there is */
  }
  if (fd < 0) abort();
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static void judge (const al_exchange *e) {
  must(e->arrived && !e->too_large && e->body.n <= server.max_body);
  must(e->method != NULL && e->target != NULL && !e->headers.broken);
  must(e->headers.n == 0 || e->headers.bytes[e->headers.n - 1] == '\0');
  must(strncmp(e->remote, "127.0.0.1:", 10) == 0);
}

static void answer (void) {
  for (al_exchange *e; (e = al_server_take(&server)) != NULL;) {
    judge(e);
    e->status = 200;
    al_exchange_decide(e, al_exchange_plain(e, "{}", 2) ? AL_REPLIED : AL_DROPPED, 0);
    al_exchange_release(e);
  }
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  char heard[4096];
  open_once();
  int fd = connect_to();
  size_t sent = 0;
  for (int round = 0; round < 6; round++) {
    ssize_t k = sent < n ? send(fd, bytes + sent, n - sent, MSG_NOSIGNAL) : 0;
    if (k > 0) sent += (size_t)k;
    if (sent == n && round == 2) shutdown(fd, SHUT_WR);
    al_server_run(&server);
    answer();
    al_server_arm(&server);
    while (recv(fd, heard, sizeof heard, 0) > 0) continue;
  }
  close(fd);
  for (int round = 0; round < 8 && server.exchanges != NULL; round++) {
    al_server_run(&server);
    answer();
  }
  al_server_run(&server);
  return 0;
}
