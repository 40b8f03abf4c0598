/*
 * reply · the only reader of what a token endpoint answers (RFC 6749 section 5)
 * knows · ground, token
 * never · trusts: a 200 may carry an error, the body may be JSON, a form or a web page, and any member may be of any
 *         type
 * owns  · what it reads, until the caller takes it
 * spec  · spec/c/reply_test.c
 */
#ifndef AL_LAW_REPLY_H
#define AL_LAW_REPLY_H

#include <stdint.h>

#include "ground/buf.h"
#include "ground/fault.h"
#include "law/quirks.h"
#include "law/token.h"

typedef struct al_reply {
  al_buf access_token;
  al_buf refresh_token;     /* empty: the server left it out, so the old one stays (RFC 6749 section 6) */
  al_buf scope;             /* empty: as asked for (section 5.1) */
  al_buf id_token;          /* OpenID Connect Core section 3.1.3.3; empty: none */
  al_buf issued_token_type; /* RFC 8693 section 2.2.1; empty: not said */
  al_buf rest;              /* what else a JSON reply says, no token: ,"name":value … as it came */
  al_token_type type;
  int64_t lifetime_ms;     /* -1: expires_in is missing, not a number, or not more than 0 */
  bool typed;              /* token_type was there */
  const al_quirks *quirks; /* the server's, set before reading; NULL: none */
} al_reply;

void al_reply_init (al_reply *r);
void al_reply_dispose (al_reply *r);

/* Whether an answer that isn't a reply looks like a web page: the server's, or of something before it. */
bool al_reply_is_page (const char *body, size_t n);

/* The same of fields that came by another way (the fragment of an implicit redirect); the token is moved in. */
bool al_reply_from_fields (al_reply *out, al_fault *fault, al_buf *access_token, const al_buf *token_type, bool typed,
                           const al_buf *expires_in, const al_buf *scope);

/* Reads an answer. True: a token is in `out`; false: `fault` says why not, its code being the server's where it gave
 * one. */
bool al_reply_read (al_reply *out, al_fault *fault, int status, const char *body, size_t n);

#endif
