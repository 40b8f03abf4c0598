#include "law/sourced.h"

void al_renewal_source_failed (al_renewal *r, al_outcome outcome, const char *why) {
  al_fault_set(&r->fault, AL_OAUTH, outcome, "source_failed", "%s", why);
  al_client_note(r->client, "token_failed", 0, r->fault.code, -1);
}

void al_renewal_sourced (al_renewal *r, const char *text, size_t n, int64_t now) {
  al_reply reply;
  al_reply_init(&reply);
  bool read = al_reply_read(&reply, &r->fault, 200, text, n);
  al_buf_dispose(&reply.refresh_token); /* its source has it, and renews with it */
  if (read && reply.type != AL_BEARER)
    al_renewal_source_failed(r, AL_MISCONFIGURED, "the token's source gave one that isn't a Bearer token");
  else if (read) {
    r->done = al_credential_adopt(r->credential, &reply, now);
    if (r->done) al_client_note(r->client, "token_received", 0, "", -1);
    else al_fault_set(&r->fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left for a token");
  } else if (r->fault.kind == AL_OAUTH)
    al_renewal_source_failed(r, AL_MISCONFIGURED, "the token's source gave a text that can't be a token");
  al_reply_dispose(&reply);
}
