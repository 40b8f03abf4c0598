/*
 * client · the application as registered at an authorization server, and what that server is like
 * knows  · ground
 * never  · shows its secret; fetches anything
 * owns   · its texts; counted references, as sessions, credentials and renewals outlive the program's handle
 * spec   · spec/client/client_spec.lua, spec/c/cache_test.c
 */
#ifndef AL_LAW_CLIENT_H
#define AL_LAW_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ground/buf.h"
#include "ground/fault.h"
#include "ground/key.h"
#include "ground/limits.h"
#include "law/clientauth.h"
#include "law/dpop.h"
#include "law/nonce.h"
#include "law/quirks.h"
#include "ground/url.h"
#include "law/settings.h"

/* The server's places; NULL where it has none. */
typedef enum al_endpoint {
  AL_TOKEN_ENDPOINT,
  AL_AUTHORIZATION_ENDPOINT,
  AL_REVOCATION_ENDPOINT,
  AL_INTROSPECTION_ENDPOINT,
  AL_DEVICE_ENDPOINT,
  AL_PAR_ENDPOINT, /* pushed authorization requests, RFC 9126 */
  AL_JWKS_URI,
  AL_BASE_URL,
  AL_USERINFO_ENDPOINT,
  AL_END_SESSION_ENDPOINT,
  AL_ENDPOINTS, /* how many there are */
} al_endpoint;

/* Where a client's tokens are kept beside memory. */
typedef enum al_store_kind {
  AL_STORE_NONE,
  AL_STORE_FILES,   /* in a folder */
  AL_STORE_PROGRAM, /* the program's own, which Lua serves */
} al_store_kind;

/* What happened, for `on_event`; kept until someone who may call Lua picks it up. */
struct al_trip;

typedef struct al_note {
  const char *name; /* static text */
  int status;
  int64_t wait_ms;
  char code[AL_MAX_CODE];
  struct al_trip *trip; /* of "request" and "response"; else NULL */
} al_note;

enum { al_most_notes = AL_MAX_NOTES };

typedef struct al_client {
  int refs;
  char *endpoints[AL_ENDPOINTS];
  al_url home; /* the base URL, read; points into it */
  char *issuer;
  char *client_id;
  al_buf client_secret;
  al_buf private_key; /* its text; secret */
  al_key *key;        /* … read */
  al_buf seal_secret; /* what saved authorizations are sealed with, where the program gives it; secret */
  bool asks_secret; /* the program gives what proves the client (secret, or text of its key) by a function, each time it
                       is needed */
  const al_clientauth *auth;
  char *alg, *kid;  /* of its assertions; NULL: the key's own */
  char *audience;   /* of its assertions; NULL: the issuer, else the token endpoint */
  bool binds;       /* its tokens are to be bound to a key (RFC 9449) … */
  bool unbound_too; /* … but one that isn't will do */
  al_dpop *dpop;    /* the program's own key for that; NULL: each login draws one */
  al_nonces nonces;
  int clock_skew_s; /* by which the server's clock may differ from ours */
  bool raw_basic;   /* quirk: this server doesn't form-decode Basic credentials */
  al_quirks quirks;
  char *token_params; /* fields of a form that go with client credentials (Auth0: audience); NULL: none */
  bool iss_announced; /* the server says that its redirects carry `iss` (RFC 9207) */
  al_store_kind store;
  char *folder;             /* of AL_STORE_FILES, absolute */
  bool big_numbers_as_text; /* whole numbers that no number of its Lua holds exactly become their digits */
  al_buf headers;           /* that go with each request to the API, as lines of a request; secret */
  int header_count;
  bool wants_notes;
  uint32_t plain_told; /* bits of the hosts in plain_http that on_event was told of */
  al_settings settings;
  unsigned char
    identity[32]; /* who asks whom, secret included: tokens of two clients that differ here are never shared */
  al_note *notes; /* `noted` of them, of which `told` were picked up */
  int noted, told, note_room;
} al_client;

/* A client of nothing yet, one reference; NULL when memory ran out. */
al_client *al_client_new (void);
al_client *al_client_hold (al_client *c);
void al_client_drop (al_client *c);

/* Works out `identity` once everything is set; `salt` tells apart clients whose secret comes from a function. False: no
 * digest could be made. */
bool al_client_identify (al_client *c, uint64_t salt);

/*
 * Adds its proof to a form, or to a header line (secret buffers both). `given`: the secret, or the text of the key,
 * where the program gives it by a function; else NULL. False: `fault` says why.
 */
bool al_client_prove (const al_client *c, al_buf *form, al_buf *header, const al_buf *given, const al_stamp *stamp,
                      al_fault *fault);

/* The key that saved authorizations are sealed with: anyone with the same configuration and secret comes to the same.
 * `secret`: given for this once, or NULL. */
bool al_client_seal_key (const al_client *c, const al_buf *secret, unsigned char key[32]);

/* Whether it has anything of its own to seal with: else all that goes into that key is public. */
bool al_client_seals (const al_client *c);

/* What a new login's tokens are to be bound to, held: the client's own key, or one just drawn. NULL: none can be made.
 */
al_dpop *al_client_bind (const al_client *c);

/* Says of a fault that it happened at the token endpoint, unless it has its place already. */
void al_client_place (const al_client *c, al_fault *fault);

/* Notes an event if the program wants them; beyond al_most_notes the oldest stay. */
void al_client_note (al_client *c, const char *name, int status, const char *code, int64_t wait_ms);

/* … of a request or its end; the trip moves in, or is freed. NULL: memory ran out, and none is noted. */
void al_client_trip_note (al_client *c, const char *name, int status, const char *code, struct al_trip *trip);

/* The oldest one that nobody has picked up, or NULL; it was picked up. */
const al_note *al_client_noted (const al_client *c);
void al_client_told (al_client *c);

#endif
