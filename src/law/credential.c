#include "law/credential.h"

#include <stdlib.h>
#include <string.h>

#include "law/reconcile.h"

bool al_credential_renewable (const al_credential *c) {
  bool again = c->grant->fill != NULL || c->standing.n > 0 || c->signer != NULL || c->asks || c->sourced;
  return c->dead == NULL && (again || c->refresh_token.n > 0 || c->opening.n > 0);
}

bool al_credential_asks (const al_credential *c) {
  return c->asks && c->refresh_token.n == 0 && c->opening.n == 0;
}

bool al_credential_hopeful (const al_credential *c) {
  return c->stored != NULL || al_credential_renewable(c);
}

bool al_credential_owes (const al_credential *c) {
  return c->stored != NULL && c->stored->owed;
}

bool al_credential_bind (al_credential *c) {
  if (c->stored != NULL && c->stored->keyless) return false;
  if (c->client->binds && c->dpop == NULL) c->dpop = al_client_bind(c->client);
  return !c->client->binds || c->dpop != NULL;
}

bool al_credential_adopt (al_credential *c, al_reply *reply, int64_t now) {
  if (c->stored != NULL && c->stored->removing) return true; /* logged out meanwhile */
  bool refreshes = reply->refresh_token.n > 0;
  if (refreshes)
    al_buf_take(&c->refresh_token, &reply->refresh_token); /* needs no memory: it isn't lost with the token */
  const al_buf *text = &reply->access_token;
  al_token *token = reply->type == AL_BOUND ? al_token_new_bound(c->dpop, text->bytes, text->n, reply->lifetime_ms, now)
                                            : al_token_new(al_buf_text(text), text->n, reply->lifetime_ms, now);
  if (token == NULL) {
    if (c->stored != NULL && refreshes) al_reconcile_advance(c, true);
    return false;
  }
  al_buf_take(&token->scope, &reply->scope);
  al_buf_take(&token->issued_token_type, &reply->issued_token_type);
  token->type = reply->type;
  token->serial = ++c->serial;
  if (reply->id_token.n > 0) al_buf_take(&c->id_token, &reply->id_token);
  al_buf_take(&c->reply, &reply->rest);
  al_token_drop(c->token);
  c->token = token;
  c->not_before = -1;
  free(c->dead);
  c->dead = NULL;
  if (c->stored != NULL) al_reconcile_advance(c, refreshes);
  return true;
}

void al_credential_refuse (al_credential *c, uint64_t serial) {
  if (c->token == NULL || c->token->serial != serial) return;
  al_token_drop(c->token);
  c->token = NULL;
}

static void empty (al_credential *c) {
  al_token_drop(c->token);
  c->token = NULL;
  al_buf_dispose(&c->refresh_token);
  al_buf_dispose(&c->id_token);
  al_buf_dispose(&c->reply);
  al_buf_dispose(&c->opening);
  al_buf_dispose(&c->standing);
  al_signer_drop(c->signer);
  c->signer = NULL;
  al_dpop_drop(c->dpop);
  c->dpop = NULL;
  c->asks = c->sourced = false;
  free(c->dead);
  c->dead = NULL;
  c->poll_ms = 0;
  if (c->stored != NULL) al_reconcile_reset(c->stored);
}

void al_credential_open (al_credential *c, al_buf *opening) {
  empty(c);
  al_buf_take(&c->opening, opening);
  c->openings++;
}

void al_credential_forget (al_credential *c, const al_fault *why) {
  empty(c);
  al_buf_dispose(&c->revoking);
  al_credential_bury(c, why);
  if (c->stored != NULL) c->stored->removing = true;
}

void al_credential_retire (al_credential *c, const al_fault *why) {
  al_buf kept = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  size_t n = 0;
  const char *token = c->token != NULL ? al_token_text(c->token, &n) : NULL;
  bool access = c->revokes_access;
  if (c->refresh_token.n > 0) al_buf_take(&kept, &c->refresh_token), access = false;
  else if (n > 0) al_buf_add(&kept, token, n), access = true;
  else al_buf_take(&kept, &c->revoking);
  al_credential_forget(c, why);
  al_buf_take(&c->revoking, &kept);
  c->revokes_access = access;
}

void al_credential_bury (al_credential *c, const al_fault *why) {
  if (c->dead == NULL) c->dead = malloc(sizeof *c->dead);
  if (c->dead != NULL) *c->dead = *why;
}

void al_credential_refused (al_credential *c, const char *error, const char *description, int status) {
  char said[AL_MAX_CODE], why[AL_MAX_DESCRIPTION];
  al_fault_text(said, sizeof said, error, strlen(error)); /* from a store they come as they stand there */
  al_fault_text(why, sizeof why, description, strlen(description));
  al_fault f;
  al_fault_set(&f, AL_OAUTH, AL_REVOKED, "login_required",
               "the refresh token is no longer accepted (%s%s%s); the user must log in again",
               said[0] != '\0' ? said : "no reason was given", why[0] != '\0' ? ": " : "", why);
  memcpy(f.error, said, sizeof said);
  memcpy(f.description, why, sizeof why);
  f.status = status;
  al_client_place(c->client, &f);
  al_credential_bury(c, &f);
}

const al_buf *al_credential_scope (const al_credential *c) {
  return c->token != NULL && c->token->scope.n > 0 ? &c->token->scope : &c->scope;
}
