#include "door/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door/mistake.h"
#include "door/scratch.h"
#include "ground/buf.h"
#include "ground/clock.h"
#include "ground/crypto.h"
#include "ground/fault.h"
#include "wire/store.h"

static const char key_class[] = "airlock.store_key", lock_class[] = "airlock.store_lock";

enum { KEY_BYTES = 32, KEY_DIGITS = 64, OVERHEAD = 64 };

typedef struct al_store_key {
  unsigned char bytes[KEY_BYTES];
} al_store_key;

typedef struct al_held {
  al_lock lock;
  char *folder, *name;
} al_held;

/* ---- keys ---- */

static al_store_key *push_key (lua_State *L) {
  al_store_key *key = lua_newuserdata(L, sizeof *key);
  memset(key, 0, sizeof *key);
  luaL_getmetatable(L, key_class);
  lua_setmetatable(L, -2);
  return key;
}

static int digit (char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_digits (unsigned char out[KEY_BYTES], const char *text) {
  for (int i = 0; i < KEY_BYTES; i++) {
    int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = (unsigned char)(high << 4 | low);
  }
  return true;
}

/* core.store_key(text) → a key: of 32 bytes, or of 64 hexadecimal digits; nil: it is neither. */
int al_l_store_key (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  if (n != KEY_BYTES && n != KEY_DIGITS) return 0;
  al_store_key *key = push_key(L);
  if (n == KEY_BYTES) memcpy(key->bytes, text, n);
  else if (!from_digits(key->bytes, text)) return 0;
  return 1;
}

static int no_key (lua_State *L, const char *path, const char *why) {
  lua_pushnil(L);
  lua_pushfstring(L, "the key file %s %s", path, why);
  lua_pushliteral(L, "no_key");
  return 3;
}

/* Makes the file under another name and links it to its own, so that no process reads half a key. 0, or errno. */
static int make_key_file (const char *path, char *beside) {
  static const char digits[] = "0123456789abcdef";
  unsigned char bytes[KEY_BYTES];
  char text[KEY_DIGITS];
  int fd = mkostemp(beside, O_CLOEXEC), error = 0;
  if (fd < 0) return errno;
  bool drawn = al_crypto_random(bytes, sizeof bytes);
  for (int i = 0; i < KEY_BYTES; i++) text[2 * i] = digits[bytes[i] >> 4], text[2 * i + 1] = digits[bytes[i] & 15];
  if (!drawn) error = EIO;
  else if (write(fd, text, sizeof text) != (ssize_t)sizeof text) error = ENOSPC;
  else if (fsync(fd) != 0 || (link(beside, path) != 0 && errno != EEXIST)) error = errno;
  al_wipe(bytes, sizeof bytes);
  al_wipe(text, sizeof text);
  close(fd);
  unlink(beside);
  return error;
}

static int open_key_file (lua_State *L, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd >= 0 || errno != ENOENT) return fd;
  static const char suffix[] = ".XXXXXX";
  size_t n = strlen(path);
  char *beside = lua_newuserdata(L, n + sizeof suffix);
  memcpy(beside, path, n);
  memcpy(beside + n, suffix, sizeof suffix);
  errno = make_key_file(path, beside);
  return errno != 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

/* core.store_key_file(path) → the key in that file, which is made where there is none; or nil, why, code. */
int al_l_store_key_file (lua_State *L) {
  const char *path = al_check_word(L, 1), *why = NULL;
  al_store_key *key = push_key(L);
  int fd = open_key_file(L, path);
  if (fd < 0) return no_key(L, path, strerror(errno));
  char text[KEY_DIGITS + 2];
  struct stat s;
  if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_uid != geteuid() || (s.st_mode & 077) != 0)
    why = "isn't a file of its owner's alone: chmod 600 it, or make a new key";
  else {
    ssize_t n = read(fd, text, sizeof text);
    bool whole = n == KEY_DIGITS || (n == KEY_DIGITS + 1 && text[KEY_DIGITS] == '\n');
    if (!whole || !from_digits(key->bytes, text)) why = "doesn't hold 64 hexadecimal digits";
    al_wipe(text, sizeof text);
  }
  close(fd);
  if (why != NULL) return no_key(L, path, why);
  lua_settop(L, 2);
  return 1;
}

/* key:seal(label, text) and key:open(label, sealed) → the other; nothing: it can't be done. */
static int convert (lua_State *L, bool (*how)(al_buf *, const unsigned char *, const char *, const void *, size_t)) {
  al_store_key *key = luaL_checkudata(L, 1, key_class);
  const char *label = al_check_word(L, 2);
  size_t n;
  const char *text = luaL_checklstring(L, 3, &n);
  al_buf *made = al_push_scratch(L, n + OVERHEAD);
  if (!how(made, key->bytes, label, text, n)) return 0;
  al_push_bytes(L, made);
  return 1;
}

static int l_seal (lua_State *L) {
  return convert(L, al_crypto_seal);
}

static int l_open (lua_State *L) {
  return convert(L, al_crypto_open);
}

static int l_wipe (lua_State *L) {
  al_store_key *key = luaL_checkudata(L, 1, key_class);
  al_wipe(key->bytes, sizeof key->bytes);
  return 0;
}

/* ---- files ---- */

static int broke (lua_State *L, const al_fault *fault) {
  lua_pushnil(L);
  lua_pushstring(L, fault->message);
  lua_pushstring(L, fault->code);
  return 3;
}

/* core.store_load(folder, name) → text; nil: there is none; or nil, why, code. */
int al_l_store_load (lua_State *L) {
  const char *folder = al_check_word(L, 1), *name = al_check_word(L, 2);
  al_fault fault;
  al_buf *text = al_push_scratch(L, AL_MAX_RECORD);
  al_stored_as as = al_store_load(folder, name, text, &fault);
  if (as == AL_STORE_BROKEN) return broke(L, &fault);
  if (as != AL_STORE_FINE) return 0;
  al_push_bytes(L, text);
  return 1;
}

/* core.store_lock(folder, name) → lock; nil: somebody else has it; or nil, why, code. */
int al_l_store_lock (lua_State *L) {
  size_t nf, nn;
  const char *folder = luaL_checklstring(L, 1, &nf), *name = luaL_checklstring(L, 2, &nn);
  al_held *held = lua_newuserdata(L, sizeof *held + nf + nn + 2);
  *held = (al_held){ .lock = { .fd = -1 }, .folder = (char *)(held + 1), .name = (char *)(held + 1) + nf + 1 };
  memcpy(held->folder, folder, nf + 1);
  memcpy(held->name, name, nn + 1);
  luaL_getmetatable(L, lock_class);
  lua_setmetatable(L, -2);
  al_fault fault;
  al_stored_as as = al_store_lock(held->folder, held->name, &held->lock, &fault);
  if (as == AL_STORE_FINE) return 1;
  return as == AL_STORE_BROKEN ? broke(L, &fault) : 0;
}

static al_held *check_held (lua_State *L) {
  return luaL_checkudata(L, 1, lock_class);
}

static int told (lua_State *L, al_stored_as as, const al_fault *fault) {
  if (as == AL_STORE_BROKEN) return broke(L, fault);
  lua_pushboolean(L, as == AL_STORE_FINE);
  return 1;
}

/* lock:save(text) → true; false: it is no more ours; or nil, why, code. Without text the record is removed. */
static int l_save (lua_State *L) {
  al_held *held = check_held(L);
  size_t n;
  const char *bytes = luaL_optlstring(L, 2, NULL, &n);
  al_fault fault;
  if (held->lock.fd < 0) return told(L, AL_STORE_BUSY, NULL);
  al_buf *text = al_push_scratch(L, AL_MAX_RECORD);
  if (bytes != NULL && !al_buf_set(text, bytes, n)) al_mistake(L, "not enough memory");
  al_stored_as as = al_store_save(held->folder, held->name, bytes != NULL ? text : NULL, &held->lock, &fault);
  return told(L, as, &fault);
}

/* lock:set_aside() → true; or nil, why, code. */
static int l_set_aside (lua_State *L) {
  al_held *held = check_held(L);
  al_fault fault;
  return told(L, al_store_set_aside(held->folder, held->name, al_clock_wall(), &fault), &fault);
}

static int l_unlock (lua_State *L) {
  al_held *held = check_held(L);
  if (held->lock.fd >= 0) al_store_unlock(&held->lock);
  return 0;
}

void al_sealed_classes (lua_State *L) {
  static const luaL_Reg key[] = { { "open", l_open }, { "seal", l_seal }, { NULL, NULL } };
  static const luaL_Reg lock[] = {
    { "save", l_save }, { "set_aside", l_set_aside }, { "unlock", l_unlock }, { NULL, NULL }
  };
  al_make_class(L, key_class, key, l_wipe);
  al_make_class(L, lock_class, lock, l_unlock);
}
