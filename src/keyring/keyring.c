/*
 * airlock.keyring · one key in the Secret Service, asked for by a thread beside, as it may wait for its user
 * knows · Lua, libsecret
 * never · touches Lua in the thread; blocks its caller
 * owns  · a question until both the thread and Lua have let go of it
 * spec  · spec/store/keyring_spec.lua
 *
 * A thread, and not D-Bus through the engine: to unlock takes prompts and several exchanges, which libsecret knows.
 */
#include <libsecret/secret.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>

#include "door/compat.h"
#include "ground/buf.h"
#include "ground/crypto.h"

enum { DIGITS = 64, WHY = 200 };

static const char class[] = "airlock.keyring.question";

typedef struct question {
  atomic_int holders;
  atomic_bool over;
  int ends[2];
  char key[DIGITS + 1], why[WHY];
  const char *code; /* static; NULL: the key is there */
} question;

static const SecretSchema schema = { .name = "org.airlock.store",
                                     .flags = SECRET_SCHEMA_NONE,
                                     .attributes = { { "purpose", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } } };

static void let_go (question *q) {
  if (atomic_fetch_sub(&q->holders, 1) > 1) return;
  close(q->ends[0]);
  close(q->ends[1]);
  al_wipe(q->key, sizeof q->key);
  free(q);
}

static void fail (question *q, const char *code, GError *error, const char *why) {
  q->code = code;
  g_strlcpy(q->why, error != NULL ? error->message : why, sizeof q->why);
  if (error != NULL) g_error_free(error);
}

static const char *code_of (const GError *error) {
  if (g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED)) return "locked_keyring";
  if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) return "refused_keyring";
  if (error->domain == SECRET_ERROR) return "refused_keyring";
  return "no_keyring";
}

/* Loads the items that match, unlocking them; false: the failure is told. */
static GList *search (question *q) {
  GError *error = NULL;
  GHashTable *what = secret_attributes_build(&schema, "purpose", "records", NULL);
  GList *found = secret_service_search_sync(NULL, &schema, what, SECRET_SEARCH_UNLOCK | SECRET_SEARCH_LOAD_SECRETS,
                                            NULL, &error);
  g_hash_table_unref(what);
  if (error != NULL) fail(q, code_of(error), error, NULL);
  return found;
}

static void take (question *q, SecretItem *item) {
  SecretValue *value = secret_item_get_secret(item);
  gsize n = 0;
  const gchar *text = value != NULL ? secret_value_get(value, &n) : NULL;
  if (text == NULL) fail(q, "locked_keyring", NULL, "the keyring is locked, and wasn't unlocked");
  else if (n != DIGITS) fail(q, "refused_keyring", NULL, "the keyring's item isn't a key");
  else memcpy(q->key, text, DIGITS);
  if (value != NULL) secret_value_unref(value);
}

static void make (question *q) {
  unsigned char bytes[DIGITS / 2];
  GError *error = NULL;
  if (!al_crypto_random(bytes, sizeof bytes)) {
    fail(q, "no_keyring", NULL, "the system has no random numbers");
    return;
  }
  for (size_t i = 0; i < sizeof bytes; i++) g_snprintf(q->key + 2 * i, 3, "%02x", bytes[i]);
  al_wipe(bytes, sizeof bytes);
  secret_password_store_sync(&schema, SECRET_COLLECTION_DEFAULT, "Airlock: key of stored tokens", q->key, NULL, &error,
                             "purpose", "records", NULL);
  if (error == NULL) return;
  al_wipe(q->key, sizeof q->key);
  fail(q, code_of(error), error, NULL);
}

static void *ask (void *argument) {
  question *q = argument;
  GList *found = search(q);
  if (q->code == NULL && found != NULL) take(q, found->data);
  else if (q->code == NULL) make(q);
  g_list_free_full(found, g_object_unref);
  atomic_store(&q->over, true);
  ssize_t done = write(q->ends[1], "", 1);
  (void)done;
  let_go(q);
  return NULL;
}

static bool begin (question *q) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool ok = pthread_create(&thread, NULL, ask, q) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (ok) pthread_detach(thread);
  return ok;
}

/* keyring.ask() → a question, a pollable; nil: there is no memory or thread for it. */
static int l_ask (lua_State *L) {
  question **place = lua_newuserdata(L, sizeof(question *));
  *place = NULL;
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  question *q = calloc(1, sizeof *q);
  if (q == NULL) return 0;
  if (pipe2(q->ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    free(q);
    return 0;
  }
  *place = q;
  atomic_store(&q->holders, 2);
  if (begin(q)) return 1;
  atomic_store(&q->holders, 1);
  return 0;
}

static question *check (lua_State *L) {
  question **place = luaL_checkudata(L, 1, class);
  if (*place == NULL) luaL_error(L, "this question is closed");
  return *place;
}

static int l_fd (lua_State *L) {
  lua_pushinteger(L, check(L)->ends[0]);
  return 1;
}

/* question:step(): there is nothing to do but to look */
static int l_step (lua_State *L) {
  char byte;
  ssize_t got = read(check(L)->ends[0], &byte, 1);
  (void)got;
  return 0;
}

static int l_over (lua_State *L) {
  lua_pushboolean(L, atomic_load(&check(L)->over));
  return 1;
}

/* question:answer() → the key's digits; or nil, why, code. Only once it is over. */
static int l_answer (lua_State *L) {
  question *q = check(L);
  if (q->code == NULL) {
    lua_pushlstring(L, q->key, DIGITS);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, q->why);
  lua_pushstring(L, q->code);
  return 3;
}

static int l_close (lua_State *L) {
  question **place = luaL_checkudata(L, 1, class);
  if (*place != NULL) let_go(*place);
  *place = NULL;
  return 0;
}

AL_EXPORT int luaopen_airlock_keyring (lua_State *L);

AL_EXPORT int luaopen_airlock_keyring (lua_State *L) {
  static const luaL_Reg methods[] = { { "answer", l_answer }, { "close", l_close }, { "fd", l_fd },
                                      { "over", l_over },     { "step", l_step },   { NULL, NULL } };
  static const luaL_Reg functions[] = { { "ask", l_ask }, { NULL, NULL } };
  al_make_class(L, class, methods, l_close);
  luaL_newlib(L, functions);
  return 1;
}
