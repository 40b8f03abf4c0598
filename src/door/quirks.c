#include "door/quirks.h"

#include <stdlib.h>
#include <string.h>

#include "door/mistake.h"
#include "door/scratch.h"
#include "ground/buf.h"
#include "ground/limits.h"

static bool flag (lua_State *L, int at, const char *name) {
  lua_getfield(L, at, name);
  bool set = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return set;
}

/* A text of the profile, copied; NULL: it has none. */
static char *text (lua_State *L, int at, const char *name) {
  char *made = NULL;
  lua_getfield(L, at, name);
  const char *given = al_word(L, -1);
  if (given != NULL && (made = al_text_copy(given)) == NULL) al_mistake(L, "not enough memory");
  lua_pop(L, 1);
  return made;
}

void al_quirks_read (lua_State *L, int at, al_client *client) {
  al_quirks *q = &client->quirks;
  lua_getfield(L, at, "api_error");
  q->api_error = lua_type(L, -1) == LUA_TSTRING;
  lua_pop(L, 1);
  client->raw_basic = flag(L, at, "raw_basic");
  q->comma_scopes = flag(L, at, "comma_scopes");
  q->user_token = text(L, at, "token_member");
  q->token_types = text(L, at, "token_types");
  q->invalid_grants = text(L, at, "invalid_grants");
  client->token_params = text(L, at, "token_form");
}

/* The word at the top is added to the list, and popped. */
static void add_word (al_options *o, al_buf *words) {
  const char *word = al_word(o->L, -1);
  if (word == NULL || word[0] == '\0' || strchr(word, ' ') != NULL)
    al_options_bad(o, "invalid_grants", "must be an error code, or a list of these");
  bool ok = (words->n == 0 || al_buf_addc(words, ' ')) && al_buf_adds(words, word);
  if (!ok) al_mistake(o->L, "not enough memory");
  lua_pop(o->L, 1);
}

/* An error code or a list of these; the option is at the top. The buffer is Lua's, as this may raise. */
static void add_words (al_options *o, al_buf *words, int type) {
  lua_State *L = o->L;
  int at = lua_gettop(L) - 1, count = type == LUA_TTABLE ? (int)lua_rawlen(L, at) : 1;
  for (int i = 1; i <= count; i++) {
    if (type == LUA_TTABLE) lua_rawgeti(L, at, i);
    else lua_pushvalue(L, at);
    add_word(o, words);
  }
}

void al_quirks_configure (al_client *client, al_options *o) {
  lua_State *L = o->L;
  char **known = &client->quirks.invalid_grants;
  client->raw_basic = al_options_bool(o, "raw_basic", client->raw_basic);
  int type = al_options_push(o, "invalid_grants"), top = lua_gettop(L);
  if (type != LUA_TNIL) {
    al_buf *words = al_push_scratch(L, AL_MAX_URL);
    if (*known != NULL && !al_buf_adds(words, *known)) al_mistake(L, "not enough memory");
    add_words(o, words, type);
    char *made = al_options_keep(o, al_buf_text(words));
    free(*known);
    *known = made;
  }
  lua_settop(L, top - 1);
}
