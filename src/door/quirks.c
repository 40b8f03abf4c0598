#include "door/quirks.h"

#include "door/mistake.h"
#include "ground/buf.h"

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
  client->raw_basic = flag(L, at, "raw_basic");
  q->comma_scopes = flag(L, at, "comma_scopes");
  q->user_token = text(L, at, "token_member");
  q->token_types = text(L, at, "token_types");
  q->invalid_grants = text(L, at, "invalid_grants");
  client->token_params = text(L, at, "token_form");
}
