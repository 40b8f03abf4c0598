#include "ground/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/limits.h"

#ifndef __GLIBC__ /* whose unistd.h has it */
extern char **environ;
#endif

void al_child_init (al_child *c) {
  *c = (al_child){
    .out = -1, .err = -1, .said = AL_BUF_SECRET(AL_MAX_COMMAND_OUTPUT), .told = AL_BUF_SECRET(AL_MAX_DESCRIPTION)
  };
}

static void shut (int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static int make_pipe (int ends[2]) {
  if (pipe(ends) != 0) return errno;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return 0;
}

/* Its standard input is empty; signals that we ignore or hold back, it doesn't. */
static int spawn (al_child *c, char *const argv[], int out, int err) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t manners;
  sigset_t none, defaults;
  int error = posix_spawn_file_actions_init(&files);
  if (error != 0) return error;
  error = posix_spawnattr_init(&manners);
  if (error == 0) {
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&manners, &none);
    posix_spawnattr_setsigdefault(&manners, &defaults);
    posix_spawnattr_setflags(&manners, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0) error = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (error == 0) error = posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    if (error == 0) error = posix_spawnp(&c->pid, argv[0], &files, &manners, argv, environ);
    posix_spawnattr_destroy(&manners);
  }
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) c->pid = 0;
  return error;
}

int al_child_start (al_child *c, char *const argv[]) {
  int out[2] = { -1, -1 }, err[2] = { -1, -1 };
  int error = make_pipe(out);
  if (error == 0) error = make_pipe(err);
  if (error == 0) error = spawn(c, argv, out[1], err[1]);
  shut(&out[1]);
  shut(&err[1]);
  if (error != 0) {
    shut(&out[0]);
    shut(&err[0]);
  }
  c->out = out[0];
  c->err = err[0];
  return error;
}

/* What doesn't fit any more is read, and forgotten. */
static void gather (int *fd, al_buf *into, bool all) {
  char bytes[4096];
  while (*fd >= 0) {
    ssize_t n = read(*fd, bytes, sizeof bytes);
    if (n > 0) {
      size_t fits = all || into->n + (size_t)n <= into->max ? (size_t)n : into->max - into->n;
      al_buf_add(into, bytes, fits);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) shut(fd);
    else if (errno == EAGAIN) break;
  }
  al_wipe(bytes, sizeof bytes);
}

static void took (al_child *c, int status) {
  c->pid = 0;
  c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* nginx and some other hosts take notice of every process that ends, so that nothing is left for us to hear. */
static void look (al_child *c) {
  int status;
  pid_t found = waitpid(c->pid, &status, WNOHANG);
  if (found == c->pid) took(c, status);
  else if (found < 0 && errno == ECHILD) c->pid = 0, c->status = -1;
}

bool al_child_step (al_child *c) {
  gather(&c->out, &c->said, true);
  gather(&c->err, &c->told, false);
  if (c->pid != 0) look(c);
  if (c->pid != 0) return false;
  gather(&c->out, &c->said, true); /* what came just before it ended */
  gather(&c->err, &c->told, false);
  shut(&c->out); /* a child of its own may hold them open for ever */
  shut(&c->err);
  return true;
}

void al_child_dispose (al_child *c) {
  int status;
  if (c->pid != 0) {
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) continue;
    c->pid = 0;
  }
  shut(&c->out);
  shut(&c->err);
  al_buf_dispose(&c->said);
  al_buf_dispose(&c->told);
}
