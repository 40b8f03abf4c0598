/*
 * Many authenticated GETs in flight from one thread, by plain C on libcurl's multi interface and epoll.
 *
 *   many URL COUNT IN_FLIGHT     prints: microseconds of CPU, of wall clock, peak KiB
 *
 * As many again are made first, for connections to be there. BENCH_CA: file of certificates to trust. Each body is kept
 * until it is whole, as a program that reads it would.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "clocks.h"

enum { most = 1000 };

typedef struct body {
  char *bytes;
  size_t n, room;
} body;

static int epoll;
static double timer_at = -1;

static size_t on_body (char *bytes, size_t size, size_t n, void *me) {
  body *b = me;
  n *= size;
  if (b->n + n > b->room) {
    b->room = (b->n + n) * 2;
    b->bytes = realloc(b->bytes, b->room);
    if (b->bytes == NULL) return 0;
  }
  memcpy(b->bytes + b->n, bytes, n);
  b->n += n;
  return n;
}

static int on_socket (CURL *easy, curl_socket_t fd, int what, void *multi, void *known) {
  (void)easy;
  struct epoll_event e = { .data.fd = fd };
  if (what == CURL_POLL_REMOVE) return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL), 0;
  e.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  epoll_ctl(epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);
  curl_multi_assign(multi, fd, &epoll);
  return 0;
}

static int on_timer (CURLM *multi, long ms, void *me) {
  (void)multi, (void)me;
  timer_at = ms < 0 ? -1 : wall_us() + (double)ms * 1e3;
  return 0;
}

int main (int argc, char **argv) {
  if (argc < 4) return 2;
  static CURL *easies[most];
  static body bodies[most];
  long count = atol(argv[2]), flight = atol(argv[3]), begun = 0, over = 0, ok = 0;
  if (flight > most) return 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, multi);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)most);
  struct curl_slist *lines = curl_slist_append(NULL, "Authorization: Bearer bench-token");
  lines = curl_slist_append(lines, "Accept: application/json");
  double cpu = 0, wall = 0;
  count += flight;
  for (; begun < flight; begun++) {
    CURL *easy = easies[begun] = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &bodies[begun]);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &bodies[begun]);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "plain-c/0.1.0");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
    if (strncmp(argv[1], "https", 5) == 0) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    if (getenv("BENCH_CA") != NULL) curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("BENCH_CA"));
    curl_multi_add_handle(multi, easy);
  }
  int running;
  while (over < count) {
    struct epoll_event events[64];
    double left = timer_at < 0 ? -1 : (timer_at - wall_us()) / 1e3;
    int n = epoll_wait(epoll, events, 64, timer_at < 0 ? -1 : left <= 0 ? 0 : (int)left + 1);
    for (int i = 0; i < n; i++) {
      unsigned e = events[i].events;
      int what = (e & EPOLLIN ? CURL_CSELECT_IN : 0) | (e & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                 (e & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
      curl_multi_socket_action(multi, events[i].data.fd, what, &running);
    }
    if (timer_at >= 0 && timer_at <= wall_us()) {
      timer_at = -1;
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    CURLMsg *m;
    int more;
    while ((m = curl_multi_info_read(multi, &more)) != NULL) {
      CURL *easy = m->easy_handle;
      CURLcode result = m->data.result;
      long status = 0;
      char *me;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &me);
      body *b = (body *)(void *)me;
      if (result == CURLE_OK && status == 200 && b->n > 1000) ok++;
      b->n = 0;
      if (++over == flight) cpu = cpu_us(), wall = wall_us();
      curl_multi_remove_handle(multi, easy);
      if (begun++ < count) curl_multi_add_handle(multi, easy);
    }
  }
  tell(cpu, wall);
  if (ok != count) fprintf(stderr, "many: only %ld of %ld answers were good\n", ok, count);
  for (long i = 0; i < flight; i++) {
    curl_easy_cleanup(easies[i]);
    free(bodies[i].bytes);
  }
  curl_multi_cleanup(multi);
  curl_slist_free_all(lines);
  return ok == count ? 0 : 1;
}
