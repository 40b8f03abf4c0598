/*
 * quirks · how a server's token endpoint differs from the RFCs, as its profile in lua/airlock/providers says
 * knows  · the C library
 * never  · decides what a reply means: that is reply's and renewal's, who ask here
 * owns   · its texts
 * spec   · spec/client/quirks_spec.lua, spec/c/reply_test.c
 */
#ifndef AL_LAW_QUIRKS_H
#define AL_LAW_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct al_quirks {
  char *user_token;  /* the member that holds a user's token where the reply has none itself (Slack: authed_user); NULL:
                        none */
  char *token_types; /* words, with spaces between: other names for Bearer (Slack: "bot user"); NULL: none */
  char *invalid_grants; /* words: other names for invalid_grant (GitHub: "bad_refresh_token …"); NULL: none */
  bool api_error;       /* its API has a member that is false in refusals, which the door knows by name (Slack) */
  bool comma_scopes;    /* the scope in a reply has commas between its parts (GitHub, Slack) */
} al_quirks;

/* Whether the word is one of the list's, case aside. */
bool al_quirks_list (const char *words, const char *word, size_t n);

void al_quirks_dispose (al_quirks *q);

#endif
