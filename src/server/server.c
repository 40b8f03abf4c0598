#include "server/server.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground/ascii.h"
#include "ground/clock.h"
#include "ground/limits.h"
#include "server/listen.h"

/* What MHD calls; none of it knows of Lua */

static void link_exchange (al_server *s, al_exchange *e) {
  e->next = s->exchanges;
  e->link = &s->exchanges;
  if (e->next != NULL) e->next->link = &e->next;
  s->exchanges = e;
}

static void unlink_exchange (al_exchange *e) {
  *e->link = e->next;
  if (e->next != NULL) e->next->link = e->link;
  e->server = NULL;
  e->connection = NULL;
}

static void *on_target (void *cls, const char *target, struct MHD_Connection *connection) {
  al_server *s = cls;
  al_exchange *e = al_exchange_new(s, connection, target, s->max_body);
  if (e != NULL) link_exchange(s, e);
  return e;
}

/* Decodes nothing: what is no sound escape is the program's to judge, and from 1.0.10 on libmicrohttpd would refuse it.
 */
static size_t leave_escaped (void *cls, struct MHD_Connection *connection, char *text) {
  (void)cls, (void)connection;
  return strlen(text);
}

static enum MHD_Result on_header (void *cls, enum MHD_ValueKind kind, const char *name, const char *value) {
  al_exchange *e = cls;
  (void)kind;
  al_buf_add(&e->headers, name, strlen(name) + 1);
  if (value == NULL) value = "";
  return al_buf_add(&e->headers, value, strlen(value) + 1) ? MHD_YES : MHD_NO;
}

static const char *field (al_exchange *e, const char *name) {
  const char *value = MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, name);
  return value != NULL ? value : "";
}

static enum MHD_Result refuse_body (al_exchange *e) {
  static const char text[] = "the body is too large\n";
  e->verdict = AL_REPLIED;
  e->status = 413;
  if (!al_exchange_plain(e, text, sizeof text - 1)) return MHD_NO;
  return al_exchange_speak(e);
}

static enum MHD_Result begin (al_exchange *e, const char *method) {
  const union MHD_ConnectionInfo *peer = MHD_get_connection_info(e->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (peer != NULL) al_listen_name(e->remote, sizeof e->remote, peer->client_addr);
  e->begun = true;
  e->method = al_text_copy(method);
  MHD_get_connection_values(e->connection, MHD_HEADER_KIND, on_header, e);
  if (e->method == NULL || e->headers.broken) return MHD_NO;
  e->too_large = strtoull(field(e, "Content-Length"), NULL, 10) > e->body.max;
  /* a peer that asked first hears no at once; one that just sends has to be read to its end to hear anything */
  const char *expected = field(e, "Expect");
  return e->too_large && al_ascii_is(expected, strlen(expected), "100-continue") ? refuse_body(e) : MHD_YES;
}

static enum MHD_Result take_body (al_exchange *e, const char *bytes, size_t *n) {
  size_t size = *n;
  *n = 0;
  if (!e->too_large && al_buf_add(&e->body, bytes, size)) return MHD_YES;
  e->too_large = true;
  e->discarded += size;
  return e->discarded <= AL_SERVER_MAX_DISCARD ? MHD_YES : MHD_NO;
}

static enum MHD_Result arrive (al_server *s, al_exchange *e) {
  e->arrived = true;
  al_peers_busy(&s->peers, e->connection, true);
  if (e->too_large) return refuse_body(e);
  if (s->last != NULL) s->last->behind = e;
  else s->first = e;
  s->last = e;
  e->holders++; /* the queue's, which al_server_take hands on */
  al_exchange_suspend(e);
  return MHD_YES;
}

static enum MHD_Result on_request (void *cls, struct MHD_Connection *connection, const char *path, const char *method,
                                   const char *version, const char *bytes, size_t *n, void **state) {
  al_server *s = cls;
  al_exchange *e = *state;
  (void)connection, (void)path, (void)version;
  if (e == NULL || s->closing) return MHD_NO;
  if (!e->begun) return begin(e, method);
  if (*n > 0) return take_body(e, bytes, n);
  return e->arrived ? al_exchange_speak(e) : arrive(s, e);
}

static void on_end (void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why) {
  al_exchange *e = *state;
  al_server *s = cls;
  (void)why;
  *state = NULL;
  if (e == NULL || e->server == NULL) return;
  al_peers_busy(&s->peers, connection, false);
  unlink_exchange(e);
  al_exchange_forget(e);
  al_exchange_release(e);
}

/* Opening and closing */

static bool start (al_server *s, int fd, const char *cert, const char *key) {
  struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)cert },
                                  { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key },
                                  { MHD_OPTION_END, 0, NULL } };
  struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
  unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (s->tls ? MHD_USE_TLS : 0u);
  s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_ARRAY,
                               s->tls ? tls : none, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
                               MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_end,
                               s, MHD_OPTION_NOTIFY_CONNECTION, al_peers_notify, &s->peers, MHD_OPTION_CONNECTION_LIMIT,
                               s->peers.most + AL_SERVER_MORE_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, s->idle_s,
                               MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)AL_SERVER_CONNECTION_MEMORY, MHD_OPTION_END);
  return s->daemon != NULL;
}

static bool watch (al_server *s) {
  const union MHD_DaemonInfo *i = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return i != NULL && al_poller_open(&s->poller) && al_poller_watch(&s->poller, i->epoll_fd, AL_READ);
}

bool al_server_open (al_server *s, const char *cert, const char *key, char *why, size_t why_n) {
  int fd = al_listen_open(s->host, &s->port, why, why_n);
  if (fd < 0) return false;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  s->tls = cert != NULL;
  s->pid = getpid();
  if (!start(s, fd, cert, key)) { /* which has closed fd */
    snprintf(why, why_n, s->tls ? "the certificate or its key was not accepted" : "the server doesn't start");
    return false;
  }
  if (!watch(s)) {
    snprintf(why, why_n, "no descriptor is left for the server");
    al_server_close(s);
    return false;
  }
  al_server_arm(s);
  return true;
}

static void close_info (al_server *s, enum MHD_DaemonInfoType what) {
  const union MHD_DaemonInfo *i = MHD_get_daemon_info(s->daemon, what);
  if (i != NULL) close(i->listen_fd);
}

/* MHD would shut the parent's connections down, so its memory stays and only descriptors are let go. */
static void abandon (al_server *s) {
  close_info(s, MHD_DAEMON_INFO_LISTEN_FD);
  close_info(s, MHD_DAEMON_INFO_EPOLL_FD);
  while (s->exchanges != NULL) {
    al_exchange *e = s->exchanges;
    const union MHD_ConnectionInfo *i = MHD_get_connection_info(e->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (i != NULL) close(i->connect_fd);
    unlink_exchange(e);
  }
}

static void stop (al_server *s) {
  s->closing = true;
  for (al_exchange *e = s->exchanges; e != NULL; e = e->next) al_exchange_resume(e); /* MHD asks for it */
  MHD_stop_daemon(s->daemon);
}

void al_server_close (al_server *s) {
  if (s->daemon == NULL) return;
  if (al_server_ours(s)) stop(s);
  else abandon(s);
  s->daemon = NULL;
  for (al_exchange *e; (e = al_server_take(s)) != NULL;) al_exchange_release(e);
  al_poller_close(&s->poller);
}

bool al_server_ours (const al_server *s) {
  return s->daemon != NULL && s->pid == getpid();
}

/* Running */

void al_server_run (al_server *s) {
  int64_t now = al_clock_now();
  for (al_exchange *e = s->exchanges; e != NULL; e = e->next)
    if (e->due >= 0 && e->due <= now) al_exchange_resume(e);
  s->stirred = false;
  MHD_run(s->daemon);
}

al_exchange *al_server_take (al_server *s) {
  al_exchange *e = s->first;
  if (e == NULL) return NULL;
  s->first = e->behind;
  if (s->first == NULL) s->last = NULL;
  e->behind = NULL;
  return e;
}

void al_server_arm (al_server *s) {
  MHD_UNSIGNED_LONG_LONG ms;
  int64_t alarm = MHD_get_timeout(s->daemon, &ms) == MHD_YES ? al_clock_now() + (int64_t)ms : -1;
  for (al_exchange *e = s->exchanges; e != NULL; e = e->next)
    if (e->due >= 0 && (alarm < 0 || e->due < alarm)) alarm = e->due;
  s->poller.alarm = s->first != NULL || s->stirred ? 0 : alarm;
  al_poller_arm(&s->poller);
}
