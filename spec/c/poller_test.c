/* poller: one descriptor for many. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "ground/clock.h"
#include "ground/poller.h"

static bool readable (int fd, int ms) {
  struct pollfd p = { .fd = fd, .events = POLLIN };
  return poll(&p, 1, ms) == 1;
}

/* What the poller says of fd, asking it once. */
static int heard (al_poller *p, int fd) {
  al_event events[8];
  int n = al_poller_ready(p, events, 8, 0), what = 0;
  for (int i = 0; i < n; i++)
    if (events[i].fd == fd) what |= events[i].what;
  return what;
}

static void watching (void) {
  it("poller: opens close-on-exec, closes twice") {
    al_poller p;
    check(al_poller_open(&p) && p.fd >= 0 && (fcntl(p.fd, F_GETFD) & FD_CLOEXEC));
    if (p.timer_fd >= 0) check(fcntl(p.timer_fd, F_GETFD) & FD_CLOEXEC);
    int fd = p.fd;
    al_poller_close(&p);
    check(p.fd == -1 && fcntl(fd, F_GETFD) == -1);
    al_poller_close(&p);
  }
  it("poller: is readable when a watched descriptor is, and says which") {
    al_poller p;
    int a[2], b[2];
    check(al_poller_open(&p) && pipe(a) == 0 && pipe(b) == 0);
    check(al_poller_watch(&p, a[0], AL_READ) && al_poller_watch(&p, b[0], AL_READ) &&
          al_poller_watch(&p, b[0], AL_READ));
    check(!readable(p.fd, 0) && heard(&p, b[0]) == 0);
    check(write(b[1], "x", 1) == 1);
    check(readable(p.fd, 100) && heard(&p, b[0]) == AL_READ && heard(&p, a[0]) == 0);
    close(b[1]);
    check(heard(&p, b[0]) == (AL_READ | AL_BROKEN));
    al_poller_close(&p);
    close(a[0]), close(a[1]), close(b[0]);
  }
  it("poller: calls events what their descriptor was named, until it is forgotten") {
    al_poller p;
    al_event event;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0 && write(a[1], "x", 1) == 1);
    al_poller_name(&p, a[0], 7); /* of one that it doesn't know: nothing */
    check(al_poller_watch(&p, a[0], AL_READ) && al_poller_ready(&p, &event, 1, 100) == 1 && event.name == 0);
    al_poller_name(&p, a[0], 255);
    check(al_poller_watch(&p, a[0], AL_READ) && al_poller_ready(&p, &event, 1, 100) == 1 && event.name == 255);
    al_poller_forget(&p, a[0]);
    check(al_poller_watch(&p, a[0], AL_READ) && al_poller_ready(&p, &event, 1, 100) == 1 && event.name == 0);
    al_poller_close(&p);
    close(a[0]), close(a[1]);
  }
  it("poller: tells room to write, and changes its mind from writing to reading") {
    al_poller p;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0);
    check(al_poller_watch(&p, a[1], AL_READ | AL_WRITE) && heard(&p, a[1]) == AL_WRITE);
    check(al_poller_watch(&p, a[1], AL_READ) && heard(&p, a[1]) == 0);
    close(a[0]);
    check(heard(&p, a[1]) & AL_BROKEN);
    al_poller_close(&p);
    close(a[1]);
  }
  it("poller: a descriptor that rests is left alone until it stirs, and then no longer heard of") {
    al_poller p;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0 && al_poller_watch(&p, a[0], AL_READ) && al_poller_watch(&p, a[0], 0));
    check(p.told[a[0]] == AL_READ && !readable(p.fd, 0));
    check(write(a[1], "x", 1) == 1 && readable(p.fd, 100));
    check(heard(&p, a[0]) == 0 && p.told[a[0]] == 0 && !readable(p.fd, 0));
    check(al_poller_watch(&p, a[0], AL_READ) && heard(&p, a[0]) == AL_READ);
    al_poller_close(&p);
    close(a[0]), close(a[1]);
  }
  it("poller: a descriptor that rests and is wanted again is heard at once") {
    al_poller p;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0 && al_poller_watch(&p, a[0], AL_READ) && al_poller_watch(&p, a[0], 0));
    check(al_poller_watch(&p, a[0], AL_READ) && write(a[1], "x", 1) == 1 && heard(&p, a[0]) == AL_READ);
    al_poller_close(&p);
    close(a[0]), close(a[1]);
  }
  it("poller: a resting writer is taken off at once, as it would never rest") {
    al_poller p;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0 && al_poller_watch(&p, a[1], AL_WRITE) && al_poller_watch(&p, a[1], 0));
    check(!readable(p.fd, 0) && p.told[a[1]] == 0);
    al_poller_close(&p);
    close(a[0]), close(a[1]);
  }
}

static void forgetting (void) {
  it("poller: what was forgotten is silent, and may be forgotten again") {
    al_poller p;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0 && al_poller_watch(&p, a[0], AL_READ) && write(a[1], "x", 1) == 1);
    al_poller_forget(&p, a[0]);
    check(!readable(p.fd, 0));
    al_poller_forget(&p, a[0]);
    al_poller_forget(&p, -1);
    al_poller_forget(&p, 1000000);
    al_poller_close(&p);
    close(a[0]), close(a[1]);
  }
  for (int resting = 0; resting < 2; resting++) {
    it("poller: a descriptor %s, closed and reused is watched anew",
       resting ? "that rested, was forgotten" : "forgotten") {
      al_poller p;
      int a[2], b[2];
      check(al_poller_open(&p) && pipe(a) == 0 && al_poller_watch(&p, a[0], AL_READ));
      if (resting) check(al_poller_watch(&p, a[0], 0));
      al_poller_forget(&p, a[0]);
      close(a[0]);
      check(pipe(b) == 0 && b[0] == a[0]);
      check(al_poller_watch(&p, b[0], AL_READ) && heard(&p, b[0]) == 0 && write(b[1], "x", 1) == 1 &&
            heard(&p, b[0]) == AL_READ);
      al_poller_close(&p);
      close(a[1]), close(b[0]), close(b[1]);
    }
  }
  it("poller: a descriptor closed before it was forgotten does no harm to its successor") {
    al_poller p;
    int a[2], b[2];
    check(al_poller_open(&p) && pipe(a) == 0 && al_poller_watch(&p, a[0], AL_READ));
    close(a[0]);
    al_poller_forget(&p, a[0]);
    check(pipe(b) == 0 && b[0] == a[0]);
    check(al_poller_watch(&p, b[0], AL_READ) && write(b[1], "x", 1) == 1 && heard(&p, b[0]) == AL_READ);
    al_poller_close(&p);
    close(a[1]), close(b[0]), close(b[1]);
  }
  it("poller: what can't be watched is refused") {
    al_poller p;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0);
    close(a[0]), close(a[1]);
    check(!al_poller_watch(&p, -1, AL_READ) && !al_poller_watch(&p, a[0], AL_READ));
    check(pipe(a) == 0 && al_poller_watch(&p, a[0], AL_READ) && write(a[1], "x", 1) == 1 && heard(&p, a[0]) == AL_READ);
    al_poller_close(&p);
    close(a[0]), close(a[1]);
  }
  it("poller: high descriptors are kept as well as low ones") {
    al_poller p;
    int a[2];
    check(al_poller_open(&p) && pipe(a) == 0);
    int high = fcntl(a[0], F_DUPFD, 300);
    check(al_poller_watch(&p, a[0], AL_READ) && high >= 300 && al_poller_watch(&p, high, AL_READ) &&
          write(a[1], "x", 1) == 1);
    check(heard(&p, a[0]) == AL_READ && heard(&p, high) == AL_READ);
    al_poller_close(&p);
    close(a[0]), close(a[1]), close(high);
  }
  it("poller: gives no more events than there is room for, and the others later") {
    al_poller p;
    int a[2][2];
    al_event one;
    check(al_poller_open(&p));
    for (int i = 0; i < 2; i++)
      check(pipe(a[i]) == 0 && al_poller_watch(&p, a[i][0], AL_READ) && write(a[i][1], "x", 1) == 1);
    check(al_poller_ready(&p, &one, 1, 0) == 1);
    al_poller_forget(&p, one.fd);
    int first = one.fd;
    check(al_poller_ready(&p, &one, 1, 0) == 1 && one.fd != first);
    al_poller_close(&p);
    for (int i = 0; i < 2; i++) close(a[i][0]), close(a[i][1]);
  }
}

static void alarms (void) {
  it("poller: the alarm rings when its time has come, not before, and until it is changed") {
    al_poller p;
    al_event events[4];
    check(al_poller_open(&p));
    p.alarm = al_clock_now() + 40;
    al_poller_arm(&p);
    check(!readable(p.fd, 0));
    check(readable(p.fd, 1000) && al_clock_now() >= p.alarm);
    check(al_poller_ready(&p, events, 4, 0) == 0 && readable(p.fd, 0));
    p.alarm = al_clock_now() + 60000;
    al_poller_arm(&p);
    check(!readable(p.fd, 0));
    al_poller_close(&p);
  }
  it("poller: an alarm in the past rings at once, even at 0") {
    for (int i = 0; i < 2; i++) {
      al_poller p;
      check(al_poller_open(&p));
      p.alarm = i == 0 ? 0 : al_clock_now() - 1000;
      al_poller_arm(&p);
      check(readable(p.fd, 1000));
      p.alarm = -1;
      al_poller_arm(&p);
      check(!readable(p.fd, 0));
      al_poller_close(&p);
    }
  }
  it("poller: an alarm doesn't ring before the system was told") {
    al_poller p;
    check(al_poller_open(&p));
    p.alarm = 0;
    check(!readable(p.fd, 5));
    al_poller_close(&p);
  }
  it("poller: ready waits as long as it is told, for ever until the alarm") {
    al_poller p;
    al_event events[4];
    check(al_poller_open(&p));
    int64_t before = al_clock_now();
    check(al_poller_ready(&p, events, 4, 30) == 0 && al_clock_now() - before >= 29);
    p.alarm = al_clock_now() + 20;
    al_poller_arm(&p);
    check(al_poller_ready(&p, events, 4, -1) == 0 && al_clock_now() >= p.alarm);
    al_poller_close(&p);
  }
}

static void on_signal (int number) {
  (void)number;
}

static void signals (void) {
  it("poller: a signal ends both ways of waiting, and is told") {
    struct sigaction act = { .sa_handler = on_signal }, old;
    struct itimerval soon = { .it_value = { .tv_usec = 20000 }, .it_interval = { .tv_usec = 20000 } },
                     never = { .it_value = { 0 } };
    al_poller p;
    al_event events[4];
    check(al_poller_open(&p) && sigaction(SIGALRM, &act, &old) == 0);
    struct pollfd fds = { .fd = p.fd, .events = POLLIN };
    setitimer(ITIMER_REAL, &soon, NULL);
    check(al_poller_ready(&p, events, 4, 5000) == -1);
    check(al_poller_wait(&fds, 1, 5000) == -1);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &old, NULL);
    al_poller_close(&p);
  }
  it("poller: wait tells how many are ready, or that time is up") {
    al_poller p;
    check(al_poller_open(&p));
    struct pollfd fds = { .fd = p.fd, .events = POLLIN };
    check(al_poller_wait(&fds, 1, 5) == 0);
    p.alarm = 0;
    al_poller_arm(&p);
    check(al_poller_wait(&fds, 1, 1000) == 1);
    al_poller_close(&p);
  }
}

int main (void) {
  watching();
  forgetting();
  alarms();
  signals();
  return test_over();
}
