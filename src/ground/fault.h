/*
 * fault · what went wrong in the world, as data; the one shape of all failures
 * knows · limits
 * never · holds a secret; text from a server is cut and made printable on its way in
 * owns  · nothing beyond itself
 * spec  · spec/c/ground_test.c, spec/wire/fault_spec.lua
 */
#ifndef AL_GROUND_FAULT_H
#define AL_GROUND_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/limits.h"

typedef enum al_kind {
  AL_FINE,      /* nothing went wrong */
  AL_OAUTH,     /* the authorization server said no, or what it said can't be used */
  AL_HTTP,      /* an API answered with a status of 400 or more */
  AL_NETWORK,   /* no answer, or not a whole one */
  AL_STORE,     /* tokens can't be read or kept */
  AL_STATE,     /* a redirect that isn't ours */
  AL_CANCELLED, /* the program or the user gave up */
} al_kind;

typedef enum al_outcome {
  AL_TRANSIENT,     /* try again, after retry_after where it is given */
  AL_REVOKED,       /* the credential is dead; the user must log in */
  AL_INTERACTION,   /* the user must do something */
  AL_MISCONFIGURED, /* a person must mend something; the message says what */
} al_outcome;

typedef struct al_fault {
  al_kind kind;
  al_outcome outcome;
  int status;             /* HTTP status; 0: none */
  int64_t retry_after_ms; /* -1: not given */
  char code[AL_MAX_CODE];
  char error[AL_MAX_CODE]; /* the server's own code where `code` is ours; else "" */
  char description[AL_MAX_DESCRIPTION];
  char uri[AL_MAX_DESCRIPTION];
  char message[AL_MAX_MESSAGE]; /* one sentence fit to print */
  char method[AL_MAX_METHOD];   /* where it happened: of the request; "": of none */
  char url[AL_MAX_PLACE];       /* … without its query */
  char client_id[AL_MAX_CLIENT_ID];
  const char *proved;               /* how the client proved itself there, static; NULL: it didn't */
  char challenge[AL_MAX_CHALLENGE]; /* fields of WWW-Authenticate, a line break after each */
} al_fault;

/* Back to "nothing went wrong"; cheap, the texts are only cut off. */
void al_fault_clear (al_fault *f);

/* Sets kind, outcome, code and message, clears the rest. */
void al_fault_set (al_fault *f, al_kind kind, al_outcome outcome, const char *code, const char *format, ...)
  __attribute__((format(printf, 5, 6)));

/* Goes on with its message. */
void al_fault_add (al_fault *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where it happened: unless that is known already. */
void al_fault_at (al_fault *f, const char *method, const char *url, size_t n);

/* Whose request it was, and how the client proved itself (static text; NULL: not): unless that is known already. */
void al_fault_of (al_fault *f, const char *client_id, const char *proved);

/* Copies text from outside: cut at a character's border, control characters and broken UTF-8 as '?'. */
void al_fault_text (char *out, size_t size, const char *text, size_t n);

/* "oauth", "http" … and "transient", "revoked", "interaction_required", "misconfigured". */
const char *al_kind_name (al_kind kind);
const char *al_outcome_name (al_outcome outcome);

#endif
