/*
 * store: token files, where the system misbehaves. What the store asks of the C library to write goes through the
 * functions below, which fail as they are told; spec/store/store_spec.lua and spec/store/trouble_spec.lua have the real
 * thing.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/limits.h"
#include "wire/store.h"

/* ---- the system, as the store sees it ---- */

static struct {
  int write_errors, file_error, folder_error, interrupts;
  size_t most;       /* bytes that one write takes; 0: all */
  char order[64];    /* f: a file was synced, F: a folder */
  const char *watch; /* a path; in `order`, x after a sync: it wasn't there then */
} sys;

ssize_t write (int fd, const void *bytes, size_t n);
ssize_t write (int fd, const void *bytes, size_t n) {
  if (sys.write_errors > 0) {
    sys.write_errors--;
    errno = sys.interrupts > 0 ? EINTR : ENOSPC;
    return -1;
  }
  if (sys.interrupts > 0) sys.write_errors = 1; /* every other one */
  struct iovec all = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = sys.most > 0 && sys.most < n ? sys.most : n };
  return writev(fd, &all, 1);
}

int fsync (int fd) {
  struct stat s;
  size_t n = strlen(sys.order);
  bool folder = fstat(fd, &s) == 0 && S_ISDIR(s.st_mode);
  if (n + 3 < sizeof sys.order) {
    sys.order[n++] = folder ? 'F' : 'f';
    if (sys.watch != NULL && access(sys.watch, F_OK) != 0) sys.order[n++] = 'x';
    sys.order[n] = '\0';
  }
  if (sys.interrupts > 0 && n % 2 == 1) {
    errno = EINTR;
    return -1;
  }
  errno = folder ? sys.folder_error : sys.file_error;
  return errno == 0 ? 0 : -1;
}

/* ---- a folder of its own for each test ---- */

static char home[64], folder[96], record[256];
static const char name[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static al_lock lock;
static al_fault fault;
static int lowest; /* the lowest free descriptor when it began */

static int lowest_free (void) {
  int fd = dup(0);
  close(fd);
  return fd;
}

static void begin (void) {
  memset(&sys, 0, sizeof sys);
  lowest = lowest_free();
  strcpy(home, "/tmp/airlock-store.XXXXXX");
  check(mkdtemp(home) != NULL);
  snprintf(folder, sizeof folder, "%s/state/tokens", home);
  snprintf(record, sizeof record, "%s/%s", folder, name);
  lock = (al_lock){ .fd = -1 };
  check(al_store_lock(folder, name, &lock, &fault) == AL_STORE_FINE);
}

static int remove_one (const char *path, const struct stat *s, int what, struct FTW *where) {
  (void)s, (void)what, (void)where;
  return remove(path);
}

static void clear (const char *path) {
  nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void end (void) {
  al_store_unlock(&lock);
  clear(home);
  check(lowest_free() == lowest); /* nothing was left open */
}

static al_stored_as save (const char *text) {
  al_buf b = AL_BUF(AL_MAX_RECORD);
  al_buf_adds(&b, text);
  al_stored_as how = al_store_save(folder, name, &b, &lock, &fault);
  al_buf_dispose(&b);
  return how;
}

static bool has (const char *text) {
  al_buf b = AL_BUF_SECRET(AL_MAX_RECORD);
  bool same = al_store_load(folder, name, &b, &fault) == AL_STORE_FINE && holds(&b, text);
  al_buf_dispose(&b);
  return same;
}

static bool there (const char *ending) {
  char path[400];
  snprintf(path, sizeof path, "%s%s", record, ending);
  return access(path, F_OK) == 0;
}

/* ---- writing ---- */

static void writing (void) {
  it("store: a record is on the disk before it takes its name, and its name before anybody goes on") {
    begin();
    sys.order[0] = '\0';
    sys.watch = record;
    check(save("one") == AL_STORE_FINE && has("one"));
    check(strcmp(sys.order, "fxF") == 0);
    check(!there(".new"));
    end();
  }
  it("store: a folder that it made is on the disk, too, and the one above it") {
    begin();
    check(strcmp(sys.order, "FF") == 0);
    end();
  }
  it("store: what a signal interrupts goes on, and short writes make a whole record") {
    begin();
    sys.interrupts = 1;
    sys.most = 3;
    check(save("a record of some length") == AL_STORE_FINE);
    check(has("a record of some length"));
    end();
  }
  it("store: what can't be written leaves the old record as it was, and nothing beside it") {
    begin();
    check(save("old") == AL_STORE_FINE);
    sys.write_errors = 1;
    check(save("new") == AL_STORE_BROKEN && strcmp(fault.code, "full") == 0 && fault.outcome == AL_TRANSIENT);
    check(has("old") && !there(".new"));
    sys.file_error = EIO;
    check(save("new") == AL_STORE_BROKEN && strcmp(fault.code, "unwritable") == 0 && fault.outcome == AL_TRANSIENT);
    check(has("old") && !there(".new"));
    end();
  }
  it("store: a folder that can't be synced is a failure, unless its file system has nothing to do for that") {
    static const struct {
      int error;
      al_stored_as how;
    } rows[] = { { EIO, AL_STORE_BROKEN }, { EINVAL, AL_STORE_FINE }, { ENOTSUP, AL_STORE_FINE } };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
      sys.folder_error = rows[i].error;
      check(save("text") == rows[i].how);
    }
    end();
  }
  it("store: what a killed writer left is in nobody's way") {
    begin();
    char path[400];
    snprintf(path, sizeof path, "%s.new", record);
    close(open(path, O_CREAT | O_WRONLY, 0400));
    check(save("text") == AL_STORE_FINE && has("text") && !there(".new"));
    end();
  }
  it("store: no text removes the record; that there is none is fine") {
    begin();
    check(save("text") == AL_STORE_FINE);
    for (int i = 0; i < 2; i++) check(al_store_save(folder, name, NULL, &lock, &fault) == AL_STORE_FINE && !there(""));
    al_buf b = AL_BUF_SECRET(100);
    check(al_store_load(folder, name, &b, &fault) == AL_STORE_ABSENT);
    al_buf_dispose(&b);
    end();
  }
}

/* ---- the lock ---- */

static void locks (void) {
  it("store: a lock keeps out whoever else is in the process, and goes to no program that it starts") {
    begin();
    al_lock other = { .fd = -1 };
    check(al_store_lock(folder, name, &other, &fault) == AL_STORE_BUSY && other.fd < 0);
    check((fcntl(lock.fd, F_GETFD) & FD_CLOEXEC) != 0);
    al_store_unlock(&lock);
    check(al_store_lock(folder, name, &other, &fault) == AL_STORE_FINE);
    al_store_unlock(&other);
    al_store_unlock(&other);
    end();
  }
  it("store: a forked child lets go of its share, and the lock stays the parent's; the parent's end is everybody's") {
    begin();
    pid_t child = fork();
    if (child == 0) {
      al_store_unlock(&lock);
      _exit(lock.fd == -1 ? 0 : 1);
    }
    int status = 1;
    al_lock other = { .fd = -1 };
    check(waitpid(child, &status, 0) == child && status == 0);
    check(al_store_lock(folder, name, &other, &fault) == AL_STORE_BUSY);
    int ends[2];
    check(pipe(ends) == 0);
    child = fork(); /* one that keeps its share */
    if (child == 0) {
      char c;
      close(ends[1]);
      _exit(read(ends[0], &c, 1) == 0 ? 0 : 1);
    }
    al_store_unlock(&lock);
    check(al_store_lock(folder, name, &other, &fault) == AL_STORE_FINE);
    al_store_unlock(&other);
    close(ends[1]);
    close(ends[0]);
    check(waitpid(child, &status, 0) == child && status == 0);
    end();
  }
  it("store: whose lock was removed writes nothing, as another may hold one by now") {
    begin();
    check(save("old") == AL_STORE_FINE);
    char path[400];
    snprintf(path, sizeof path, "%s.lock", record);
    check(unlink(path) == 0);
    check(save("new") == AL_STORE_BUSY && has("old"));
    al_lock other = { .fd = -1 };
    check(al_store_lock(folder, name, &other, &fault) == AL_STORE_FINE);
    check(save("new") == AL_STORE_BUSY && has("old"));
    check(al_store_save(folder, name, NULL, &lock, &fault) == AL_STORE_BUSY && has("old"));
    al_store_unlock(&other);
    end();
  }
  it("store: whose folder was removed makes it anew, and needs a new lock") {
    begin();
    clear(folder);
    check(save("new") == AL_STORE_BUSY);
    al_store_unlock(&lock);
    check(al_store_lock(folder, name, &lock, &fault) == AL_STORE_FINE && save("new") == AL_STORE_FINE && has("new"));
    end();
  }
  it("store: who has no lock writes nothing") {
    begin();
    al_store_unlock(&lock);
    check(save("new") == AL_STORE_BUSY && !there(""));
    end();
  }
}

/* ---- reading, and what can't be read ---- */

static void count_one (void *context, const char *found) {
  int *count = context;
  *count += strcmp(found, name) == 0 ? 1 : 100;
}

static void reading (void) {
  it("store: a file larger than any record is read as an empty one, which no record is") {
    begin();
    int fd = open(record, O_CREAT | O_WRONLY, 0600);
    check(ftruncate(fd, AL_MAX_RECORD + 1) == 0);
    close(fd);
    check(has(""));
    end();
  }
  it("store: what is set aside takes the place of nothing, though the clock stands still") {
    begin();
    for (int i = 0; i < 3; i++) {
      check(save(i == 0 ? "first" : i == 1 ? "second" : "third") == AL_STORE_FINE);
      check(al_store_set_aside(folder, name, 1700000000000, &fault) == AL_STORE_FINE);
      check(!there("") && there(i == 0   ? ".aside-1700000000000"
                                : i == 1 ? ".aside-1700000000001"
                                         : ".aside-1700000000002"));
    }
    check(al_store_set_aside(folder, name, 1800000000000, &fault) == AL_STORE_FINE && !there(".aside-1800000000000"));
    end();
  }
  it("store: lists records, and nothing else that lies there") {
    begin();
    int count = 0;
    check(save("text") == AL_STORE_FINE && al_store_set_aside(folder, name, 1, &fault) == AL_STORE_FINE &&
          save("x") == AL_STORE_FINE);
    check(al_store_list(folder, count_one, &count, &fault) == AL_STORE_FINE && count == 1);
    end();
  }
  it("store: a pipe in a record's place holds nobody up") {
    begin();
    check(mkfifo(record, 0600) == 0);
    al_buf b = AL_BUF_SECRET(100);
    check(al_store_load(folder, name, &b, &fault) == AL_STORE_BROKEN && strcmp(fault.code, "unsafe") == 0);
    al_buf_dispose(&b);
    end();
  }
}

int main (void) {
  writing();
  locks();
  reading();
  return test_over();
}
