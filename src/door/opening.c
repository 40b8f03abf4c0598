#include "door/opening.h"

#include "door/client_auth.h"
#include "door/mistake.h"
#include "door/session.h"
#include "ground/jws.h"

/*
 * session:open_password(username, password, access_type): the next token is asked for with these, once; then they are
 * wiped. RFC 6749 section 4.3.
 */
int al_l_open_password (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  size_t username_n, password_n, access_n = 0;
  const char *username = luaL_checklstring(L, 2, &username_n), *password = luaL_checklstring(L, 3, &password_n),
             *access = luaL_optlstring(L, 4, NULL, &access_n);
  al_buf form = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  bool ok = al_grant_by_password(&form, username, username_n, password, password_n, &s->credential->scope, access,
                                 access_n);
  if (ok) al_credential_open(s->credential, &form);
  bool starved = form.starved;
  al_buf_dispose(&form);
  if (!ok) al_mistake(L, starved ? "not enough memory" : "client:password: username and password are too long");
  return 0;
}

/* session:open_device(device_code, interval, expires_in): the next token is asked for with the code, every `interval`
 * seconds. RFC 8628. */
int al_l_open_device (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  size_t n;
  const char *code = luaL_checklstring(L, 2, &n);
  double interval = luaL_checknumber(L, 3), lifetime = luaL_checknumber(L, 4);
  al_buf form = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  bool ok = al_grant_device(&form, code, n);
  if (ok) al_credential_open(s->credential, &form);
  s->credential->poll_ms = (int64_t)(interval * 1000);
  s->credential->poll_until = al_engine_now(s->engine) + (int64_t)(lifetime * 1000);
  bool starved = form.starved;
  al_buf_dispose(&form);
  if (!ok) al_mistake(L, starved ? "not enough memory" : "client:device_code: the device code is too long");
  return 0;
}

/* session:ask_opening(): the next tokens are asked for with what the program's function gives: a call then wants an
 * "opening". */
int al_l_ask_opening (lua_State *L) {
  al_check_session(L, 1)->credential->asks = true;
  return 0;
}

/* session:ask_source(): the next tokens are what the program's function gives: a call then wants a "source". */
int al_l_ask_source (lua_State *L) {
  al_check_session(L, 1)->credential->sourced = true;
  return 0;
}

/* session:open_standing(form): the next tokens are asked for with this form, again and again. */
int al_l_open_standing (lua_State *L) {
  size_t n;
  al_session *s = al_check_session(L, 1);
  const char *form = luaL_checklstring(L, 2, &n);
  al_buf *standing = &s->credential->standing;
  if (!al_buf_set(standing, form, n))
    al_mistake(L, standing->starved ? "not enough memory" : "the form of this grant is too long");
  return 0;
}

static const char no_memory[] = "can't be kept: there is no memory left";

static const char *set_texts (lua_State *L, al_signer *s, const al_client *c) {
  al_buf *texts[] = { &s->alg, &s->kid, &s->issuer, &s->subject, &s->audience, &s->more };
  for (int i = 0; i < 6; i++) {
    size_t n;
    const char *text = luaL_optlstring(L, 4 + i, "", &n);
    if (!al_buf_set(texts[i], text, n)) return texts[i]->starved ? no_memory : "makes the assertion too long";
  }
  /* for whom it is unless the program says */
  if (s->audience.n == 0 && !al_buf_adds(&s->audience, c->issuer != NULL ? c->issuer : c->endpoints[AL_TOKEN_ENDPOINT]))
    return no_memory;
  return s->alg.n == 0 || al_jws_fits(al_buf_text(&s->alg), s->key) ? NULL
                                                                    : "is of another kind than option 'alg' needs";
}

/* The key: its text, or a file of it, or neither: the client's own. NULL: `*why` says what is wrong. */
static al_key *find_key (const char *text, size_t n, const char *path, al_key *own, const char **why) {
  if (text == NULL && path == NULL && own == NULL) *why = "is missing";
  if (text == NULL && path == NULL) return al_key_hold(own);
  if (text != NULL) return al_key_read(text, n, true, why);
  al_buf bytes = AL_BUF_SECRET(AL_MAX_SECRET);
  bool read = al_client_auth_file(path, &bytes);
  *why = bytes.starved ? no_memory : "can't be read from its file";
  al_key *key = read ? al_key_read(al_buf_text(&bytes), bytes.n, true, why) : NULL;
  al_buf_dispose(&bytes);
  return key;
}

/*
 * session:open_signer(private_key, file, alg, kid, issuer, subject, audience, more, lifetime): the next tokens are
 * asked for with an assertion that is signed for each. No key and no file: the client's own key; `more` is further
 * claims, as members of a JSON object. RFC 7523 section 2.1.
 */
int al_l_open_signer (lua_State *L) {
  size_t n = 0;
  al_session *s = al_check_session(L, 1);
  const char *text = luaL_optlstring(L, 2, NULL, &n), *path = al_opt_word(L, 3, NULL), *why = no_memory;
  for (int i = 4; i <= 9; i++) luaL_optlstring(L, i, "", NULL); /* nothing raises once something is held */
  int lifetime = (int)luaL_checkinteger(L, 10);
  al_signer *made = al_signer_new();
  if (made != NULL) {
    made->lifetime_s = lifetime;
    made->key = find_key(text, n, path, s->client->key, &why);
    if (made->key != NULL) why = set_texts(L, made, s->client);
  }
  if (why != NULL) {
    al_signer_drop(made);
    al_mistake(L, "client:jwt_bearer: option 'private_key' %s", why);
  }
  al_signer_drop(s->credential->signer);
  s->credential->signer = made;
  return 0;
}
