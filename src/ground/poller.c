#include "ground/poller.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground/clock.h"

static bool tell (al_poller *p, int fd, int what);

/* Whether an event of fd is of interest; if not, this was its last. */
static bool wanted (al_poller *p, int fd) {
  if (fd < p->known && p->wanted[fd] != 0) return true;
  tell(p, fd, 0);
  if (fd < p->known) p->told[fd] = 0;
  return false;
}

#if defined(__linux__) && !defined(AL_USE_KQUEUE)

#include <sys/epoll.h>
#include <sys/timerfd.h>

bool al_poller_open (al_poller *p) {
  *p = AL_POLLER_CLOSED;
  p->fd = epoll_create1(EPOLL_CLOEXEC);
  if (p->fd >= 0) p->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  struct epoll_event e = { .events = EPOLLIN, .data.fd = p->timer_fd };
  if (p->timer_fd < 0 || epoll_ctl(p->fd, EPOLL_CTL_ADD, p->timer_fd, &e) != 0) {
    al_poller_close(p);
    return false;
  }
  return true;
}

static bool tell (al_poller *p, int fd, int what) {
  struct epoll_event e = {
    .events = (what & AL_READ ? (unsigned)EPOLLIN : 0u) | (what & AL_WRITE ? (unsigned)EPOLLOUT : 0u), .data.fd = fd
  };
  if (what == 0) return epoll_ctl(p->fd, EPOLL_CTL_DEL, fd, &e) == 0 || errno == ENOENT || errno == EBADF;
  if (epoll_ctl(p->fd, p->told[fd] != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) == 0) return true;
  if (errno == EEXIST) return epoll_ctl(p->fd, EPOLL_CTL_MOD, fd, &e) == 0;
  return errno == ENOENT && epoll_ctl(p->fd, EPOLL_CTL_ADD, fd, &e) == 0;
}

void al_poller_arm (al_poller *p) {
  int64_t when = p->alarm;
  if (when == p->armed) return;
  p->armed = when;
  struct itimerspec t;
  memset(&t, 0, sizeof t);
  if (when >= 0) {
    t.it_value.tv_sec = (time_t)(when / 1000);
    t.it_value.tv_nsec = (long)(when % 1000) * 1000000 + 1; /* all zero would disarm it */
  }
  timerfd_settime(p->timer_fd, TFD_TIMER_ABSTIME, &t, NULL);
}

int al_poller_ready (al_poller *p, al_event *events, int max, int ms) {
  struct epoll_event found[64];
  int n = epoll_wait(p->fd, found, max < 64 ? max : 64, ms);
  if (n < 0) return -1;
  int out = 0;
  for (int i = 0; i < n; i++) {
    unsigned e = found[i].events;
    if (found[i].data.fd == p->timer_fd || !wanted(p, found[i].data.fd)) continue;
    events[out].fd = found[i].data.fd;
    events[out].name = p->names[found[i].data.fd];
    events[out++].what = (e & EPOLLIN ? AL_READ : 0) | (e & EPOLLOUT ? AL_WRITE : 0) |
                         (e & (EPOLLERR | EPOLLHUP) ? AL_BROKEN : 0);
  }
  return out;
}

#else

#include <sys/event.h>
#include <sys/time.h>

bool al_poller_open (al_poller *p) {
  *p = AL_POLLER_CLOSED;
  p->fd = kqueue();
  return p->fd >= 0;
}

static bool change (al_poller *p, int fd, short filter, bool on) {
  struct kevent e;
  EV_SET(&e, (uintptr_t)fd, filter, on ? EV_ADD : EV_DELETE, 0, 0, NULL);
  return kevent(p->fd, &e, 1, NULL, 0, NULL) == 0 || (!on && (errno == ENOENT || errno == EBADF));
}

static bool tell (al_poller *p, int fd, int what) {
  bool reads = change(p, fd, EVFILT_READ, (what & AL_READ) != 0);
  bool writes = change(p, fd, EVFILT_WRITE, (what & AL_WRITE) != 0);
  return reads && writes;
}

void al_poller_arm (al_poller *p) {
  int64_t when = p->alarm;
  if (when == p->armed) return;
  p->armed = when;
  int64_t wait = when - al_clock_now();
  struct kevent e;
  EV_SET(&e, 1, EVFILT_TIMER, when < 0 ? EV_DELETE : EV_ADD, 0, wait > 0 ? wait : 1, NULL);
  kevent(p->fd, &e, 1, NULL, 0, NULL);
}

int al_poller_ready (al_poller *p, al_event *events, int max, int ms) {
  struct kevent found[64];
  struct timespec limit = { ms / 1000, (long)(ms % 1000) * 1000000 };
  int n = kevent(p->fd, NULL, 0, found, max < 64 ? max : 64, ms < 0 ? NULL : &limit);
  if (n < 0) return -1;
  int out = 0;
  for (int i = 0; i < n; i++) {
    if (found[i].filter == EVFILT_TIMER || !wanted(p, (int)found[i].ident)) continue;
    events[out].fd = (int)found[i].ident;
    events[out].name = p->names[found[i].ident];
    events[out++].what = (found[i].filter == EVFILT_READ ? AL_READ : AL_WRITE) |
                         (found[i].flags & EV_EOF ? AL_BROKEN : 0);
  }
  return out;
}

#endif

static bool know (al_poller *p, int fd) {
  if (fd < p->known) return true;
  int known = p->known > 0 ? p->known : 64;
  while (known <= fd) known *= 2;
  unsigned char *table = calloc((size_t)known, 3);
  if (table == NULL) return false;
  if (p->known > 0) {
    memcpy(table, p->told, (size_t)p->known);
    memcpy(table + known, p->wanted, (size_t)p->known);
    memcpy(table + 2 * known, p->names, (size_t)p->known);
  }
  free(p->told);
  p->told = table;
  p->wanted = table + known;
  p->names = table + 2 * known;
  p->known = known;
  return true;
}

bool al_poller_watch (al_poller *p, int fd, int what) {
  if (fd < 0 || !know(p, fd)) return false;
  p->wanted[fd] = (unsigned char)what;
  if (what == p->told[fd] || (what == 0 && p->told[fd] == AL_READ)) return true;
  if (!tell(p, fd, what)) return false;
  p->told[fd] = (unsigned char)what;
  return true;
}

void al_poller_name (al_poller *p, int fd, int name) {
  if (fd >= 0 && fd < p->known) p->names[fd] = (unsigned char)name;
}

void al_poller_forget (al_poller *p, int fd) {
  if (fd < 0 || fd >= p->known) return;
  if (p->told[fd] != 0) tell(p, fd, 0);
  p->told[fd] = p->wanted[fd] = p->names[fd] = 0;
}

void al_poller_close (al_poller *p) {
  free(p->told);
  if (p->timer_fd >= 0) close(p->timer_fd);
  if (p->fd >= 0) close(p->fd);
  *p = AL_POLLER_CLOSED;
}

bool al_poller_hush (al_poller *p) {
  if (p->armed < 0 || p->armed > al_clock_now()) return false;
  p->alarm = -1;
  al_poller_arm(p);
  return true;
}

int al_poller_wait (struct pollfd *fds, int n, int ms) {
  return poll(fds, (nfds_t)n, ms);
}
