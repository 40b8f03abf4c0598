#include "door/store_call.h"

#include <math.h>
#include <string.h>

#include "door/mistake.h"
#include "door/scratch.h"
#include "door/upvalues.h"
#include "law/reconcile.h"
#include "wire/token_call.h"

/* The token call whose envoy the call is, or NULL. */
static al_token_call *token_call_of (lua_State *L) {
  al_call *c = luaL_checkudata(L, 1, AL_CALL_CLASS);
  al_token_call *token_call = c->engine != NULL && c->credential != NULL ? al_token_call_of(c->credential) : NULL;
  c->wants &= ~AL_WANTS_STORE;
  return token_call != NULL && token_call->envoy == c && token_call->asks != AL_NEXT_SECRET &&
             token_call->asks != AL_NEXT_SOURCE
           ? token_call
           : NULL;
}

/* Pushes the document to be saved, or nil: the record is to go. The text is Lua's from here on. */
static void push_document (lua_State *L, al_token_call *token_call) {
  al_buf *text = al_push_scratch(L, AL_MAX_RECORD);
  al_clocks clocks = al_token_call_clocks(token_call);
  bool removes, ok = al_transaction_document(&token_call->transaction, &clocks, text, &removes);
  if (!ok) al_mistake(L, "not enough memory");
  if (removes) lua_pushnil(L);
  else al_push_bytes(L, text);
  lua_remove(L, -2);
}

/*
 * call:store() → number, function, name, more …: what the program's store is to be asked, and the question's number.
 * "load"; "lock" and for how many seconds; "save" with text (nil: remove) and fence; "unlock" with fence. Nothing: it
 * is asked no more.
 */
int al_l_store (lua_State *L) {
  al_token_call *token_call = token_call_of(L);
  if (token_call == NULL) return 0;
  const char *name = al_transaction_name(&token_call->transaction);
  al_push_integer(L, (long long)token_call->asked);
  switch (token_call->asks) {
    case AL_NEXT_LOAD:
      lua_pushliteral(L, "load");
      lua_pushstring(L, name);
      return 3;
    case AL_NEXT_LOCK:
      lua_pushliteral(L, "lock");
      lua_pushstring(L, name);
      lua_pushnumber(L, (lua_Number)al_transaction_lease(&token_call->transaction) / 1000);
      return 4;
    case AL_NEXT_SAVE:
      lua_pushliteral(L, "save");
      lua_pushstring(L, name);
      push_document(L, token_call);
      al_push_integer(L, token_call->fence);
      return 5;
    default:
      lua_pushliteral(L, "unlock");
      lua_pushstring(L, name);
      al_push_integer(L, token_call->fence);
      return 4;
  }
}

/* A failure that one of our own stores has named, at index 6: a person must mend it, but for these. */
static bool named (lua_State *L, al_fault *fault, const char *why) {
  static const char *const known[] = { "no_keyring", "locked_keyring", "refused_keyring", "no_key", "sealed",
                                       "unsafe",     "unreadable",     "unwritable",      "full" };
  size_t n = 0, at = 0;
  const char *code = lua_type(L, 6) == LUA_TSTRING ? lua_tolstring(L, 6, &n) : "";
  if (strlen(code) != n) return false;
  while (at < sizeof known / sizeof *known && strcmp(code, known[at]) != 0) at++;
  if (at == sizeof known / sizeof *known) return false;
  al_outcome outcome = strcmp(code, "locked_keyring") == 0 ? AL_INTERACTION
                       : strcmp(code, "full") == 0         ? AL_TRANSIENT
                                                           : AL_MISCONFIGURED;
  al_fault_set(fault, AL_STORE, outcome, code, "%s", why);
  return true;
}

static int broke (lua_State *L, al_token_call *token_call, const char *function, int at) {
  char why[AL_MAX_DESCRIPTION];
  size_t n;
  const char *text = lua_tolstring(L, at, &n);
  if (text == NULL) text = "it gave no reason", n = strlen(text);
  al_fault_text(why, sizeof why, text, n);
  al_fault fault;
  if (at != 5 || !named(L, &fault, why))
    al_fault_set(&fault, AL_STORE, AL_TRANSIENT, "unavailable", "the program's store failed in its function %s: %s",
                 function, why);
  al_token_call_store_broke(token_call, &fault);
  return 0;
}

static int heard_load (lua_State *L, al_token_call *token_call) {
  size_t n;
  const char *text = lua_type(L, 4) == LUA_TSTRING ? lua_tolstring(L, 4, &n) : NULL;
  if (text == NULL && (!lua_isnil(L, 4) || !lua_isnil(L, 5))) return broke(L, token_call, "load", 5);
  al_token_call_loaded(token_call, text, text != NULL ? n : 0);
  return 0;
}

static int heard_lock (lua_State *L, al_token_call *token_call) {
  lua_Number fence = lua_tonumber(L, 4);
  bool got = lua_type(L, 4) == LUA_TNUMBER && fence >= 0 && fence < 9e15 && floor(fence) == fence;
  if (!got && (lua_toboolean(L, 4) || !lua_isnil(L, 5))) return broke(L, token_call, "lock", 5);
  al_token_call_locked(token_call, got, got ? (int64_t)fence : 0);
  return 0;
}

static int heard_save (lua_State *L, al_token_call *token_call) {
  if (!lua_isboolean(L, 4)) return broke(L, token_call, "save", 5);
  al_token_call_saved(token_call, lua_toboolean(L, 4) != 0);
  return 0;
}

/* call:stored(number, worked, value, why, code): what the function gave; or, where it didn't work, `value` is its
 * error. */
int al_l_stored (lua_State *L) {
  static const char *const functions[] = {
    [AL_NEXT_LOAD] = "load", [AL_NEXT_LOCK] = "lock", [AL_NEXT_SAVE] = "save", [AL_NEXT_UNLOCK] = "unlock"
  };
  lua_settop(L, 6);
  al_token_call *token_call = token_call_of(L);
  if (token_call == NULL || token_call->asked != (uint64_t)luaL_checknumber(L, 2)) return 0;
  al_next asks = token_call->asks;
  al_engine *e = token_call->engine;
  if (!lua_toboolean(L, 3)) broke(L, token_call, functions[asks], 4);
  else if (asks == AL_NEXT_LOAD) heard_load(L, token_call);
  else if (asks == AL_NEXT_LOCK) heard_lock(L, token_call);
  else if (asks == AL_NEXT_SAVE) heard_save(L, token_call);
  else al_token_call_unlocked(token_call);
  al_engine_arm(e);
  return 0;
}

/* ---- a source of tokens ---- */

static al_token_call *sourced_call_of (lua_State *L) {
  al_call *c = luaL_checkudata(L, 1, AL_CALL_CLASS);
  al_token_call *token_call = c->engine != NULL && c->credential != NULL ? al_token_call_of(c->credential) : NULL;
  c->wants &= ~AL_WANTS_SOURCE;
  return token_call != NULL && token_call->envoy == c && token_call->asks == AL_NEXT_SOURCE ? token_call : NULL;
}

/* call:source() → the number of the question what the token is; nothing: it is asked no more. */
int al_l_source (lua_State *L) {
  al_token_call *token_call = sourced_call_of(L);
  if (token_call == NULL) return 0;
  al_push_integer(L, (long long)token_call->asked);
  return 1;
}

static al_outcome outcome_of (const char *name) {
  static const struct {
    const char *name;
    al_outcome outcome;
  } all[] = { { "transient", AL_TRANSIENT },
              { "revoked", AL_REVOKED },
              { "interaction_required", AL_INTERACTION },
              { "misconfigured", AL_MISCONFIGURED } };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].name, name) == 0) return all[i].outcome;
  return AL_TRANSIENT;
}

/* call:sourced(number, reply, why, outcome): a token reply as JSON; nil: there is none, and why, as a sentence. */
int al_l_sourced (lua_State *L) {
  size_t n = 0, why_n = 0;
  lua_settop(L, 5);
  const char *reply = luaL_optlstring(L, 3, NULL, &n), *why = luaL_optlstring(L, 4, "it gave no reason", &why_n),
             *outcome = al_opt_word(L, 5, "transient");
  al_token_call *token_call = sourced_call_of(L);
  if (token_call == NULL || token_call->asked != (uint64_t)luaL_checknumber(L, 2)) return 0;
  al_engine *e = token_call->engine;
  char text[AL_MAX_MESSAGE];
  al_fault_text(text, sizeof text, why, why_n);
  if (reply != NULL) al_token_call_sourced(token_call, reply, n);
  else al_token_call_source_failed(token_call, outcome_of(outcome), text);
  al_engine_arm(e);
  return 0;
}
