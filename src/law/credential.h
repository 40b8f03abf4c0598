/*
 * credential · one right to act: whose it is, how it is renewed, and its token of the moment
 * knows      · ground, client, grant, token, reply
 * never      · does I/O; forgets a refresh token for a network's sake, only on a definite no from the server
 * owns       · its secrets and its token; counted references: sessions, flows and a renewal hold it, the cache keeps it
 * spec       · spec/c/law_test.c
 */
#ifndef AL_LAW_CREDENTIAL_H
#define AL_LAW_CREDENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ground/buf.h"
#include "ground/fault.h"
#include "law/assertion.h"
#include "law/client.h"
#include "law/grant.h"
#include "law/reply.h"
#include "law/token.h"

struct al_cache;
struct al_renewal;
struct al_reconcile;

typedef struct al_credential {
  int refs;              /* holders other than the cache */
  unsigned char kin[32]; /* client, grant, account and what the program gave */
  unsigned char key[32]; /* … and scope: same key, same token */
  al_client *client;
  const al_grant *grant;
  al_buf scope; /* as asked for */
  al_buf
    resource; /* … and for which resources (RFC 8707): fields of a form, encoded; sent with every request for a token */
  al_buf refresh_token;
  al_buf revoking; /* what a logout couldn't revoke: good for another try at that, and for nothing else; empty: none */
  bool revokes_access; /* … which is an access token */
  al_buf id_token;     /* the newest that came, as it came: whoever wants it checks it; empty: none */
  al_buf reply;      /* what the newest reply says beside its tokens: ,"name":value …; empty: nothing, or none yet */
  al_buf opening;    /* the form that opens it, good for one token call (a code, a password): wiped when that is over */
  al_buf standing;   /* a form that opens it again and again (an assertion, a token to exchange); empty: none */
  al_signer *signer; /* … or what signs a new assertion for each; NULL: none */
  bool asks;         /* … or the program gives an opening by a function each time */
  bool sourced;      /* … or its function gives the token itself */
  unsigned openings; /* how many there were */
  int64_t poll_ms;   /* device code: how often to ask with the opening; 0: once */
  int64_t poll_until;                  /* … and until when */
  al_dpop *dpop;                       /* the key that its tokens are bound to; NULL: none, or none yet */
  al_token *token;                     /* NULL: none yet, or dropped */
  uint64_t serial;                     /* of the newest token */
  struct al_renewal *renewal;          /* under way; NULL: none */
  al_fault *dead;                      /* the definite no, remembered so that no call pays for it again; NULL: alive */
  int64_t not_before;                  /* the token endpoint asked to be left alone until then; -1: it didn't */
  struct al_reconcile *stored;         /* its record in the client's store; NULL: memory only */
  struct al_cache *cache;              /* NULL once it was let go */
  struct al_credential *chain;         /* next in the cache's bucket */
  struct al_credential *older, *newer; /* among the idle ones */
} al_credential;

/* Can get a new token by itself. */
bool al_credential_renewable (const al_credential *c);

/* … or may find one in its store. */
bool al_credential_hopeful (const al_credential *c);

/* Has a refresh token that its store hasn't got yet: nothing goes on before that is mended. */
bool al_credential_owes (const al_credential *c);

/* Takes a good reply in: its token becomes the token, a refresh token in it replaces the old one. False: memory ran
 * out. */
bool al_credential_adopt (al_credential *c, al_reply *reply, int64_t now);

/* Drops the token if it is still that one; a newer one stays. */
void al_credential_refuse (al_credential *c, uint64_t serial);

/* Sees to it that there is a key to bind a token to, where its client wants that. False: none can be made, or that of
 * its record can't be read. */
bool al_credential_bind (al_credential *c);

/* Gives it a new opening, moved in; what it had before is forgotten. */
void al_credential_open (al_credential *c, al_buf *opening);

/* Whether the program's function is to be asked for an opening before a token can be. */
bool al_credential_asks (const al_credential *c);

/* Forgets token, refresh token and opening; `why` is what calls are told from now on. */
void al_credential_forget (al_credential *c, const al_fault *why);

/* The same, but the token that stands for all (RFC 7009 section 2.1) stays for another try to revoke it: the server
 * wasn't told yet. */
void al_credential_retire (al_credential *c, const al_fault *why);

/* Remembers a definite no. */
void al_credential_bury (al_credential *c, const al_fault *why);

/* The server said no to its refresh token, with these words: that is what it remembers. `status`: 0, or the HTTP
 * status. */
void al_credential_refused (al_credential *c, const char *error, const char *description, int status);

/* The scope it has: as granted where the server said, else as asked for. */
const al_buf *al_credential_scope (const al_credential *c);

#endif
