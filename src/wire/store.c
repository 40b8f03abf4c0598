#include "wire/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/limits.h"

enum { name_chars = 64, most_name = 128 };

/* ---- what went wrong ---- */

static al_stored_as refuse (al_fault *f, const char *path, const char *name, const char *why, const char *mend) {
  char where[AL_MAX_DESCRIPTION];
  snprintf(where, sizeof where, "%s%s%s", path, name[0] != '\0' ? "/" : "", name);
  al_fault_set(f, AL_STORE, AL_MISCONFIGURED, "unsafe", "tokens aren't kept in %s, as %s; to mend it, %s %s", where,
               why, mend, where);
  return AL_STORE_BROKEN;
}

/* A full disk may have room again; what may not be written, somebody must mend. */
static al_stored_as broken (al_fault *f, const char *verb, const char *path, int error) {
  bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  bool passing = full || error == EMFILE || error == ENFILE || error == ENOMEM || error == EINTR || error == EIO;
  al_fault_set(f, AL_STORE, passing ? AL_TRANSIENT : AL_MISCONFIGURED,
               full              ? "full"
               : error == ENOMEM ? "out_of_memory"
               : verb[0] == 'r'  ? "unreadable"
                                 : "unwritable",
               "the token store %s can't be %s: %s", path, verb, strerror(error));
  return AL_STORE_BROKEN;
}

/* ---- folder and files ---- */

/* On the disk, for good. Some file systems have nothing to do for a folder, and say so as if it were a failure. */
static bool sync_down (int fd, bool folder) {
  int result;
  do result = fsync(fd);
  while (result != 0 && errno == EINTR);
  return result == 0 || (folder && (errno == EINVAL || errno == ENOTSUP));
}

/* One folder, and its name in the one above: without that, a crash could take the folder with all that was synced in
 * it. */
static bool make_one (const char *path) {
  char above[4096];
  if (mkdir(path, 0700) != 0) return errno == EEXIST;
  const char *slash = strrchr(path, '/');
  size_t n = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
  memcpy(above, slash == NULL ? "." : path, n);
  above[n] = '\0';
  int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return true; /* it may be entered, but not read: nothing to be done */
  bool ok = sync_down(fd, true);
  int error = errno;
  close(fd);
  errno = error;
  return ok;
}

static bool make_folder (const char *folder) {
  char path[4096];
  size_t n = strlen(folder);
  if (n >= sizeof path) errno = ENAMETOOLONG;
  if (n == 0 || n >= sizeof path) return false;
  memcpy(path, folder, n + 1);
  for (char *p = path + 1; *p != '\0'; p++) {
    if (*p != '/') continue;
    *p = '\0';
    if (!make_one(path)) return false;
    *p = '/';
  }
  return make_one(path);
}

static al_stored_as refuse_owner (al_fault *f, const char *folder, const char *name) {
  return refuse(f, folder, name, "it belongs to another user, who could read them",
                "give option store a folder of your own in place of");
}

static al_stored_as refuse_mode (al_fault *f, const char *folder, const char *name) {
  return refuse(f, folder, name, "others can read or write it", name[0] == '\0' ? "run chmod 700" : "run chmod 600");
}

/* The folder's descriptor, if it is a real one and its owner's alone; else -1. */
static int open_folder (const char *folder, bool make, al_stored_as *how, al_fault *f) {
  struct stat s;
  int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, fd = open(folder, flags);
  if (fd < 0 && errno == ENOENT && make && make_folder(folder)) fd = open(folder, flags);
  if (fd < 0) {
    if (errno == ENOENT && !make) *how = AL_STORE_ABSENT;
    else if (errno == ELOOP || errno == ENOTDIR)
      *how = refuse(f, folder, "", "it is a link or no folder", "give option store the real folder in place of");
    else *how = broken(f, make ? "written" : "read", folder, errno);
    return -1;
  }
  if (fstat(fd, &s) != 0) *how = broken(f, "read", folder, errno);
  else if (s.st_uid != geteuid()) *how = refuse_owner(f, folder, "");
  else if ((s.st_mode & 077) != 0) *how = refuse_mode(f, folder, "");
  else return fd;
  close(fd);
  return -1;
}

/* Whether an open file is a plain one that nobody else can read, write or reach by another name. */
static bool is_private (int fd, const char *folder, const char *name, al_fault *f) {
  struct stat s;
  if (fstat(fd, &s) != 0) broken(f, "read", folder, errno);
  else if (!S_ISREG(s.st_mode) || s.st_nlink > 1)
    refuse(f, folder, name, "it is no plain file with one name", "remove");
  else if (s.st_uid != geteuid()) refuse_owner(f, folder, name);
  else if ((s.st_mode & 077) != 0) refuse_mode(f, folder, name);
  else return true;
  return false;
}

static al_stored_as not_opened (const char *folder, const char *name, const char *verb, al_fault *f) {
  return errno == ELOOP ? refuse(f, folder, name, "it is a link", "remove") : broken(f, verb, folder, errno);
}

static bool read_all (int fd, al_buf *out) {
  for (;;) {
    char *to = al_buf_reserve(out, 4096);
    if (to == NULL) return false;
    ssize_t n = read(fd, to, 4096);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) return true;
    out->n += (size_t)n;
  }
}

al_stored_as al_store_load (const char *folder, const char *name, al_buf *out, al_fault *f) {
  al_stored_as how = AL_STORE_FINE;
  int at = open_folder(folder, false, &how, f);
  if (at < 0) return how;
  int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) how = errno == ENOENT ? AL_STORE_ABSENT : not_opened(folder, name, "read", f);
  else if (!is_private(fd, folder, name, f)) how = AL_STORE_BROKEN;
  else if (!read_all(fd, out)) {
    if (out->broken && !out->starved)
      al_buf_dispose(out); /* larger than any record: read as nothing, which no record is */
    else how = broken(f, "read", folder, out->starved ? ENOMEM : errno);
  }
  if (fd >= 0) close(fd);
  close(at);
  return how;
}

/* ---- the lock ---- */

static const char *lock_name (char out[most_name], const char *name) {
  snprintf(out, most_name, "%s.lock", name);
  return out;
}

/* The folder, or the file alone, may have been removed and made anew: then it is another lock that counts. */
static bool still_there (int at, const char *name, int fd) {
  struct stat a, b;
  return fstatat(at, name, &a, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &b) == 0 && a.st_ino == b.st_ino &&
         a.st_dev == b.st_dev;
}

static al_stored_as lock_at (int at, const char *folder, const char *name, al_lock *lock, al_fault *f) {
  int fd = openat(at, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd < 0) return not_opened(folder, name, "written", f);
  al_stored_as how = AL_STORE_FINE;
  if (!is_private(fd, folder, name, f)) how = AL_STORE_BROKEN;
  else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
    how = errno == EWOULDBLOCK ? AL_STORE_BUSY : broken(f, "locked", folder, errno);
  else if (!still_there(at, name, fd)) how = AL_STORE_BUSY;
  if (how != AL_STORE_FINE) close(fd);
  else *lock = (al_lock){ .fd = fd, .pid = getpid() };
  return how;
}

al_stored_as al_store_lock (const char *folder, const char *name, al_lock *lock, al_fault *f) {
  char file[most_name];
  al_stored_as how = AL_STORE_FINE;
  int at = open_folder(folder, true, &how, f);
  if (at < 0) return how;
  how = lock_at(at, folder, lock_name(file, name), lock, f);
  close(at);
  return how;
}

void al_store_unlock (al_lock *lock) {
  if (lock->fd < 0) return;
  if (lock->pid == getpid()) flock(lock->fd, LOCK_UN);
  close(lock->fd);
  lock->fd = -1;
}

/* ---- writing ---- */

static bool write_all (int fd, const al_buf *text) {
  for (size_t at = 0; at < text->n;) {
    ssize_t n = write(fd, text->bytes + at, text->n - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    at += (size_t)n;
  }
  return sync_down(fd, false);
}

/* Under a name that only the lock's holder uses, so what a killed one left is in nobody's way. */
static bool replace (int at, const char *name, const al_buf *text) {
  char fresh[most_name];
  snprintf(fresh, sizeof fresh, "%s.new", name);
  unlinkat(at, fresh, 0);
  int fd = openat(at, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool ok = write_all(fd, text);
  int error = errno;
  if (close(fd) != 0 && errno != EINTR && ok) ok = false, error = errno;
  if (ok && renameat(at, fresh, at, name) == 0) return true;
  if (ok) error = errno;
  unlinkat(at, fresh, 0);
  errno = error;
  return false;
}

static bool take_away (int at, const char *name) {
  return unlinkat(at, name, 0) == 0 || errno == ENOENT;
}

static bool change (int at, const char *name, const al_buf *text) {
  return (text != NULL ? replace(at, name, text) : take_away(at, name)) && sync_down(at, true);
}

al_stored_as al_store_save (const char *folder, const char *name, const al_buf *text, const al_lock *lock,
                            al_fault *f) {
  char file[most_name];
  al_stored_as how = AL_STORE_FINE;
  int at = open_folder(folder, true, &how, f);
  if (at < 0) return how;
  if (!still_there(at, lock_name(file, name), lock->fd)) how = AL_STORE_BUSY;
  else if (!change(at, name, text)) how = broken(f, "written", folder, errno);
  close(at);
  return how;
}

/* A name that no file has, made sure of by an empty one, which the record then takes the place of. */
static bool reserve_aside (int at, char out[most_name], const char *name, int64_t wall) {
  for (int i = 0; i < 1000; i++) {
    snprintf(out, most_name, "%s.aside-%lld", name, (long long)wall + i);
    int fd = openat(at, out, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
    if (fd >= 0 || errno != EEXIST) return fd >= 0;
  }
  return false;
}

al_stored_as al_store_set_aside (const char *folder, const char *name, int64_t wall, al_fault *f) {
  char aside[most_name];
  al_stored_as how = AL_STORE_FINE;
  int at = open_folder(folder, false, &how, f);
  if (at < 0) return how;
  if (!reserve_aside(at, aside, name, wall)) how = broken(f, "written", folder, errno);
  else if (renameat(at, name, at, aside) != 0) {
    if (errno != ENOENT) how = broken(f, "written", folder, errno);
    unlinkat(at, aside, 0);
  }
  close(at);
  return how;
}

/* ---- what there is ---- */

static bool is_record (const char *name) {
  return strlen(name) == name_chars && strspn(name, "0123456789abcdef") == name_chars;
}

al_stored_as al_store_list (const char *folder, void (*each)(void *context, const char *name), void *context,
                            al_fault *f) {
  al_stored_as how = AL_STORE_FINE;
  int at = open_folder(folder, false, &how, f);
  if (at < 0) return how;
  DIR *all = fdopendir(at);
  if (all == NULL) {
    how = broken(f, "read", folder, errno);
    close(at);
    return how;
  }
  for (const struct dirent *d; (d = readdir(all)) != NULL;)
    if (is_record(d->d_name)) each(context, d->d_name);
  closedir(all);
  return how;
}
