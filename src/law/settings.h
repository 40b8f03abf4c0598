/*
 * settings · how the program wants requests made: times, ceilings, trust, proxy
 * knows    · nothing
 * owns     · its texts, through al_client
 * spec     · spec/client/options_spec.lua
 */
#ifndef AL_LAW_SETTINGS_H
#define AL_LAW_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

typedef struct al_settings {
  uint64_t id;        /* settings with the same number are the same */
  int64_t timeout_ms; /* token and request together; INT64_MAX: none */
  int64_t connect_timeout_ms;
  size_t max_body;     /* bytes */
  int retries;         /* after 429 and 503 */
  int max_redirects;   /* that one call follows; beyond: network/redirects; 0: the redirect is the answer */
  int max_connections; /* to one host at a time */
  int64_t stall_timeout_ms;
  int http;         /* 0: as the server likes it; 1: HTTP/1.1; 2: HTTP/2 */
  char *plain_http; /* hosts that may be spoken to without TLS, a line break after each; NULL: none */
  char *ca_file;    /* PEM; NULL: the system's */
  char *cert_file;  /* PEM of the client's own certificate (RFC 8705); NULL: none */
  char *key_file;   /* PEM of its key; NULL: in cert_file, too */
  char *proxy;      /* NULL: from the environment; "": none */
  char *user_agent; /* "User-Agent: …", a header line */
} al_settings;

#endif
