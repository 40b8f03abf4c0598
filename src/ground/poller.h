/*
 * poller · one file descriptor that is readable when a watched one is ready or the alarm rings
 * knows  · epoll with a timerfd (Linux), kqueue (elsewhere)
 * never  · blocks, unless it is told how long
 * owns   · its descriptors; all are close-on-exec
 * spec   · spec/c/poller_test.c
 */
#ifndef AL_GROUND_POLLER_H
#define AL_GROUND_POLLER_H

#include <stdbool.h>
#include <stdint.h>

enum { AL_READ = 1, AL_WRITE = 2, AL_BROKEN = 4 /* reported only: hung up or in error */ };

typedef struct al_poller {
  int fd;                       /* the one descriptor; -1 while closed */
  int timer_fd;                 /* Linux only; -1 elsewhere */
  int64_t alarm;                /* when it should ring, in al_clock_now's milliseconds; -1: never */
  int64_t armed;                /* what the system was last told */
  unsigned char *told, *wanted; /* by descriptor: what the system watches, what the caller wants watched … */
  unsigned char *names;         /* … and what its events are to be called */
  int known;                    /* how long all three are */
} al_poller;

typedef struct al_event {
  int fd;
  int what; /* AL_READ, AL_WRITE, AL_BROKEN */
  int name; /* as the last al_poller_name said of this descriptor, else 0 */
} al_event;

/* A closed poller; al_poller_open answers false and leaves it closed when the system refuses. */
#define AL_POLLER_CLOSED ((al_poller){ .fd = -1, .timer_fd = -1, .alarm = -1, .armed = -1 })
bool al_poller_open (al_poller *p);
void al_poller_close (al_poller *p);

/*
 * Watches fd for AL_READ and AL_WRITE; 0 stops watching it. May be called again with the same arguments. A connection
 * that rests between two requests is left with the system until it stirs, which saves two system calls a request.
 */
bool al_poller_watch (al_poller *p, int fd, int what);

/* Events of a descriptor that is watched bear this number, from 0 to 255. */
void al_poller_name (al_poller *p, int fd, int name);

/* To be told before fd is closed: its number may mean another file soon. */
void al_poller_forget (al_poller *p, int fd);

/*
 * Tells the system of p->alarm, so that the descriptor rings then; a moment that is past rings at once and until it is
 * changed. Whoever blocks on its own reads p->alarm and needs no ring: hence a field, and this call only for a host's
 * loop.
 */
void al_poller_arm (al_poller *p);

/* For whoever blocks, and would be woken all the time by an alarm that rings. True: it was put out, and is to be set
 * again afterwards. */
bool al_poller_hush (al_poller *p);

/* What is ready, waiting for it up to ms (0: not at all; -1: for ever). A ring of the alarm is not listed: compare
 * p->alarm with the clock. -1: a signal came. */
int al_poller_ready (al_poller *p, al_event *events, int max, int ms);

/* Blocks until an fd of the list is readable or ms have passed (-1: no limit). 0: time is up; -1: a signal came; else
 * how many. */
struct pollfd;
int al_poller_wait (struct pollfd *fds, int n, int ms);

#endif
