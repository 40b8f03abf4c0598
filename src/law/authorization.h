/*
 * authorization · the user's part of a flow: the URL that sends the browser off, and what comes back with it
 * knows         · ground, client, grant, reply
 * never         · shows the verifier; takes a redirect whose state isn't its own, or takes one twice
 * owns          · its texts; the verifier and what is read are secret
 * spec          · spec/c/authorization_test.c, spec/grant/user_authorization_spec.lua
 */
#ifndef AL_LAW_AUTHORIZATION_H
#define AL_LAW_AUTHORIZATION_H

#include "ground/fault.h"
#include "law/client.h"
#include "law/reply.h"

enum {
  AL_STATE_CHARS = 43
}; /* 32 random bytes in base64url: 256 bits for state (RFC 6749 section 10.12) and verifier (RFC 7636 section 4.1) */

typedef struct al_authorization {
  al_client *client; /* held */
  bool implicit;     /* RFC 6749 section 4.2 instead of 4.1 */
  bool identifies;   /* … with an ID token beside the token (OpenID Connect Core section 3.2) */
  bool spent;
  char state[AL_STATE_CHARS + 1];
  char verifier[AL_STATE_CHARS + 1];
  char nonce[AL_STATE_CHARS +
             1]; /* of the ID token, where the scope has "openid" (OpenID Connect Core section 3.1.2.1); "": none */
  al_dpop
    *dpop; /* held: the key that its tokens are to be bound to, drawn with the state or the program's own; NULL: none */
  al_buf scope;
  al_buf redirect_uri;
  al_buf resource; /* RFC 8707: fields of a form, encoded */
  al_buf wanted;   /* what its ID token is to be checked for, as the door wrote it; empty: nothing */
  al_buf query;    /* the request's fields, but for client_id */
  al_buf url;
  int64_t made_at; /* ms since 1970 */
} al_authorization;

/* Empty, of no client yet. */
void al_authorization_init (al_authorization *a);
void al_authorization_dispose (al_authorization *a);

/* Draws state and verifier and puts the URL together; scope, redirect_uri and resource are set by then. `more` is
 * further fields, encoded. False: no memory or no random numbers. */
bool al_authorization_begin (al_authorization *a, const char *more, size_t more_n, int64_t wall_ms);

/* The request was pushed (RFC 9126): from now on the URL only refers to it. False: no memory, or the URL would be too
 * long. */
bool al_authorization_refer (al_authorization *a, const char *request_uri, size_t n);

/*
 * Reads a redirect (a whole URL, or from its path or '?' on). False: `fault` says why, kind AL_STATE where it isn't
 * ours, AL_OAUTH where the server said no. True: for a code, `opening` is the form that redeems it; for implicit,
 * `reply` holds the token. It is spent with the first redirect that has its state.
 */
bool al_authorization_read (al_authorization *a, const char *redirect, size_t n, al_buf *opening, al_reply *reply,
                            al_fault *fault);

/* As text that only holders of the client's configuration (its secret, where it has one) can read or make. False: no
 * memory. */
bool al_authorization_save (const al_authorization *a, const unsigned char key[32], al_buf *out);

/* The reverse, into an empty one that has its client. False: `fault` says whether it was altered or is too old. */
bool al_authorization_restore (al_authorization *a, const unsigned char key[32], const char *text, size_t n,
                               int64_t wall_ms, al_fault *fault);

/* code_challenge of a verifier by S256 (RFC 7636 section 4.2), appended. */
bool al_authorization_challenge (al_buf *out, const char *verifier);

#endif
