/*
 * renewal · one token call to the token endpoint for a credential; everyone who needs its token waits for the same one
 * knows   · ground, credential, request, reply
 * never   · does I/O or reads a clock: it says what is next, and is told what came of it
 * owns    · its request and its fault
 * spec    · spec/c/renewal_test.c
 */
#ifndef AL_LAW_RENEWAL_H
#define AL_LAW_RENEWAL_H

#include "law/answer.h"
#include "law/credential.h"
#include "law/stamp.h"
#include "law/next.h"
#include "law/request.h"

/* What it asks with. */
typedef enum al_plea {
  AL_ASK_BY_GRANT, /* nothing but the client's own credentials */
  AL_ASK_BY_REFRESH,
  AL_ASK_BY_STANDING, /* an assertion or a token to exchange, which the credential keeps */
  AL_ASK_BY_SIGNER,   /* an assertion that is signed for this request */
  AL_ASK_BY_SOURCE,   /* nobody at the token endpoint: the program's function gives the token */
  AL_ASK_BY_OPENING,  /* a code, a password, a device code: once, or again and again while the user makes up his mind */
} al_plea;

typedef struct al_renewal {
  al_credential *credential; /* held */
  al_client *client;         /* held: whose settings hold, and who hears of it */
  al_request request;
  size_t form_n;        /* bytes of the body without the client's proof */
  al_buf authorization; /* the client's, as a header line; secret */
  al_buf secret;        /* given for this once, where the program gives it by a function */
  al_fault fault;       /* once it failed */
  al_plea plea;
  int tries;
  int64_t wait_until; /* -1: not waiting */
  unsigned opened;    /* which of the credential's openings it asks with */
  int64_t deadline;
  bool prepared; /* the form is there */
  bool repeated; /* once more, as the answer was lost */
  bool nonced;   /* … or as it asked for a nonce */
  bool done;
  bool defers;    /* what a definite no means is for its transaction to say … */
  bool denied;    /* … and here is one */
  bool heedless;  /* the program asks by name, though the server wants to be left alone */
  bool postponed; /* the server asked to be left alone with its last answer */
} al_renewal;

/* Begins the token call; the credential must have none. `secret` is moved in where it is there already, else NULL. By
 * the first, what it asks with is looked at when it is to ask. */
void al_renewal_init (al_renewal *r, al_client *client, al_credential *credential, al_buf *secret, int64_t now);
void al_renewal_begin (al_renewal *r, al_client *client, al_credential *credential, al_buf *secret, int64_t now);

/*
 * AL_NEXT_SEND (its request, once it is composed), AL_NEXT_WAIT (until wait_until), AL_NEXT_SECRET, AL_NEXT_DONE or
 * AL_NEXT_FAIL.
 */
al_next al_renewal_next (al_renewal *r, int64_t now);

/* Makes its request ready to go out, with a new proof of who asks each time. False: its fault says why. */
bool al_renewal_compose (al_renewal *r, const al_stamp *stamp);

/* The token endpoint answered, or it didn't. `jitter` is a random number. */
void al_renewal_answered (al_renewal *r, const al_answer *answer, unsigned jitter, int64_t now);
void al_renewal_broke (al_renewal *r, const al_fault *fault, int64_t now);

/* The client's secret, where it was asked for; moved in. */
void al_renewal_give_secret (al_renewal *r, al_buf *secret);
bool al_renewal_needs_secret (const al_renewal *r);

/* For law/transaction: the request is to be made of what the credential has now; the definite no stands; does the
 * server want to be left alone? */
void al_renewal_prepare (al_renewal *r, int64_t now);
void al_renewal_refused (al_renewal *r);
bool al_renewal_asked_to_wait (al_renewal *r, int64_t now);
int64_t al_renewal_patience (const al_renewal *r, int64_t now);

/* Lets go of everything; the credential is free for another token call. */
void al_renewal_dispose (al_renewal *r);

#endif
