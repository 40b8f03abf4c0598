/*
 * limits · every ceiling and every default number, in one list
 * knows  · nothing
 * spec   · each room's spec tests its own ceilings
 *
 * A line is: name, value, and in the comment the unit and what happens beyond it.
 */
#ifndef AL_GROUND_LIMITS_H
#define AL_GROUND_LIMITS_H

/* What comes over the wire */
#define AL_MAX_TOKEN_REPLY (1024 * 1024) /* bytes of a token endpoint's reply; more: network/too_large */
#define AL_MAX_METADATA (256 * 1024)     /* bytes of a server's metadata document; more: network/too_large */
#define AL_MAX_BODY (64 * 1024 * 1024)   /* bytes of a body in memory, default of `max_body`; more: network/too_large */
#define AL_MAX_HEADER_BYTES (128 * 1024) /* bytes of a response's header block; more: network/too_large */
#define AL_MAX_HEADER_FIELDS 256         /* fields in a response's header block; more: network/too_large */
#define AL_MAX_REDIRECTS 5               /* redirects followed for one call; more: network/redirects */
#define AL_SINK_WINDOW (64 * 1024)       /* bytes waiting for a `sink` before the transfer is paused */
#define AL_MAX_PIECE (16 * 1024 * 1024)  /* bytes for a `sink` that a host gives at once; more: network/too_large */
#define AL_READER_CHUNK (16 * 1024 * 1024) /* bytes one call of a `body` reader may give; more: raises */
#define AL_MAX_EVENT (16 * 1024 * 1024)    /* bytes of one server-sent event; more: network/too_large */
#define AL_MAX_TAP (4 * 1024 * 1024) /* bytes that the playground's tap keeps until they are taken; more: left out */

/* Long strings: the collectors of Lua 5.1 and LuaJIT have to be let catch up with them */
#define AL_LONG_STRING (32 * 1024) /* bytes; a shorter one needs no help … */
#define AL_SMALL_HEAP_KB 4096      /* … nor one where Lua holds less than this, as collecting that often costs time */

/* What a program hands in */
#define AL_MAX_URL (64 * 1024)                  /* bytes of a URL with its query; more: raises */
#define AL_MAX_REQUEST_HEADERS 128              /* header fields of a request; more: raises */
#define AL_MAX_REQUEST_HEADER_BYTES (64 * 1024) /* bytes of all of them; more: raises */
#define AL_MAX_SECRET (64 * 1024)           /* bytes of a client secret, password or token handed in; more: raises */
#define AL_MAX_COMMAND_OUTPUT (1024 * 1024) /* bytes that a source's command may print; more: oauth/source_failed */
#define AL_MAX_COMMAND_WORDS 64             /* words of a source's command; more: raises */
#define AL_MIN_SEAL_KEY 16                  /* bytes of a `seal_key`; fewer: raises */
#define AL_MAX_NEAR 64                 /* bytes of a mistyped name that "did you mean" is said of; more: it isn't */
#define AL_MAX_FORM (16 * 1024 * 1024) /* bytes of one value to be encoded in a form or query; more: raises */

/* Text taken over from a server into failures */
#define AL_MAX_CODE 64         /* bytes of an error code; cut */
#define AL_MAX_DESCRIPTION 512 /* bytes of an error_description; cut */
#define AL_MAX_MESSAGE 1024    /* bytes of a failure's message; cut */
#define AL_MAX_PLACE 1024      /* bytes of the URL where a failure happened; cut */
#define AL_MAX_CLIENT_ID 256   /* bytes of the client_id in a failure; cut */
#define AL_MAX_METHOD 24       /* bytes of a request's method, and the end; more: raises */
#define AL_MAX_CHALLENGE 1024  /* bytes of a token endpoint's challenges in a failure; more: left out */

/* Keys and signatures */
#define AL_MAX_JWT (64 * 1024)       /* bytes of a JWT that is read or made; more: oauth/invalid_token */
#define AL_MAX_KEY_NAME 256          /* bytes of a JWK's `kid`, and of a member's name; a longer kid counts as none */
#define AL_MAX_RSA_BITS 16384        /* of an RSA modulus; more: raises */
#define AL_MIN_RSA_SIGNING_BITS 2048 /* of one that signs (RFC 7518 section 3.3); less: raises */
#define AL_MIN_RSA_BITS 1024         /* of one that a signature is checked with; less: not taken */
#define AL_ASSERTION_BACK_S 5        /* seconds that its `iat` is set back, or `clock_skew` where that is more */
#define AL_ASSERTION_LIFETIME_S 60   /* of a client assertion, seconds; no server is known that wants less */

#define AL_MAX_NONCE 1024 /* bytes of a DPoP-Nonce; a longer one counts as none */
#define AL_MAX_NONCES 16  /* origins whose newest nonce a client keeps; the one heard of first goes first */

/* JSON */
#define AL_MAX_JSON_DEPTH 64     /* nesting in a reply that Airlock itself reads; deeper: oauth/malformed_reply */
#define AL_MAX_JSON_NESTING 1000 /* nesting of Lua values and of JSON for them; deeper: can't be read, or raises */
#define AL_MAX_JSON (1024 * 1024 * 1024) /* bytes of JSON that is made of a value; more: raises */
#define AL_SLICED_BODY                                                                                               \
  (256 * 1024)                     /* bytes of an answer that is decoded in slices, inside of a loop; fewer: at once \
                                    */
#define AL_SLICE_MS 4              /* of such a slice … */
#define AL_SLICE_BYTES (16 * 1024) /* … which looks at the clock each so many bytes */
#define AL_SPARSE_LIST 10          /* a list this long may have more holes than items; longer: raises */

/* Events */
#define AL_MAX_NOTES 1024 /* that a client keeps until a call of it ends; later ones are left out */

/* Tokens */
#define AL_MAX_SCOPE (16 * 1024) /* bytes of a scope; more: raises (asked for) or oauth/malformed_reply (answered) */
#define AL_MAX_LIFETIME_S (10LL * 365 * 24 * 3600) /* seconds; a longer expires_in counts as this */
#define AL_MARGIN_S 60                             /* seconds before expiry at which a token counts as stale ... */
#define AL_MARGIN_SHARE 10                         /* ... or this part of its lifetime (a tenth), whichever is less */
#define AL_MAX_IDLE_CREDENTIALS 1024 /* cached tokens that no session holds; the longest unused goes first */

/* Waiting */
#define AL_TIMEOUT_MS 30000         /* default of `timeout`: token and request together */
#define AL_CONNECT_TIMEOUT_MS 10000 /* default of `connect_timeout` */
#define AL_RETRIES 2                /* default of `retries`: repeats after 429 or 503 */
#define AL_MAX_RETRIES 10           /* highest `retries` */
#define AL_TOKEN_CALL_ASKS_MS 10 /* between two looks of a host that carries a token call, while that waits for Lua */
#define AL_MAX_REST_MS (5 * 60 * 1000) /* longest that a token endpoint is left alone because its Retry-After asks */
#define AL_BACKOFF_MS 500              /* first wait where no Retry-After is given; doubles, jittered */
#define AL_MAX_BACKOFF_MS 15000        /* longest such wait */
#define AL_DEVICE_INTERVAL_S 5      /* between two polls with a device code where none is told (RFC 8628 section 3.2) */
#define AL_DEVICE_SLOW_DOWN_MS 5000 /* added by each slow_down (RFC 8628 section 3.5) */
#define AL_MAX_AUTHORIZATION_AGE_S (24 * 3600) /* seconds after which a saved authorization is no longer taken */
#define AL_MAX_REDIRECT (64 * 1024)            /* bytes of a redirect that is read; more: state/too_large */
#define AL_MAX_SPENT 1024                      /* states that are remembered as spent, of one Lua state */
#define AL_LOGIN_TIMEOUT_S 300                 /* default `timeout` of client:login, seconds */
#define AL_MAX_CLOCK_SKEW_S 3600               /* highest `clock_skew`, seconds */
#define AL_MAX_TIMEOUT_S (24 * 3600)           /* longest `timeout` in seconds; math.huge means none */

/* The store */
#define AL_MAX_USER_RECORD (16 * 1024)  /* bytes of what the system knows of a user; more: no home is known */
#define AL_MAX_RECORD (4 * 1024 * 1024) /* bytes of a stored token's record; more: it counts as unreadable */
#define AL_MAX_GENERATION 1000000000000 /* a record that counts further isn't one */
#define AL_LOCK_POLL_MS 2               /* first wait for a lock held elsewhere; grows by half, jittered ... */
#define AL_LOCK_MAX_POLL_MS 50          /* ... up to this */
#define AL_LOCK_REST_MS 250     /* how long an old, still valid token serves before a busy lock is tried again */
#define AL_LEASE_EXTRA_MS 10000 /* a program's lock is asked for as long as a token request may take, and this */
#define AL_MAX_LEASE_MS (10 * 60 * 1000) /* longest lease */
#define AL_STORE_SKEW_MS (5 * 60 * 1000) /* a token from so far in the future: the wall clock was set back */

/* Connections */
#define AL_MAX_CONNECTIONS 32      /* default of `max_connections`: to one host at a time; further requests wait */
#define AL_MOST_CONNECTIONS 1024   /* highest `max_connections` */
#define AL_STALL_TIMEOUT_MS 60000  /* default of `stall_timeout`: nothing of a body moves; more: network/timeout */
#define AL_STALL_LOOKS 4           /* how often within that time the bodies under way are looked at */
#define AL_TIMEOUT_GRACE_MS 50     /* after which a time-out isn't left to libcurl any more */
#define AL_MAX_PLAIN_HOSTS 32      /* names in `plain_http`; more: raises */
#define AL_LANE_REQUESTS 64        /* requests in one of libcurl's multi handles before another is begun … */
#define AL_MAX_LANES 16            /* … of so many at most; beyond that they share */
#define AL_MAX_IDLE_CONNECTIONS 64 /* kept open between requests; more where as many requests were in flight … */
#define AL_IDLE_CONNECTIONS_S 60   /* … within so many seconds */
#define AL_MAX_IDLE_HANDLES 64     /* libcurl handles kept for reuse; more while as many requests are in flight */
#define AL_MAX_IDLE_CALLS 64 /* calls kept for reuse, with their buffers; more while as many requests are in flight */
#define AL_RECEIVE_BUFFER (32 * 1024) /* what libcurl takes from the system at once, while a request is under way */
#define AL_WARM_BUFFER (16 * 1024)    /* bytes of a buffer that a call leaves to the next one; a larger one is freed */

/* The local server */
#define AL_SERVER_MAX_BODY (8 * 1024 * 1024)     /* default of its `max_body`, bytes; more: 413 */
#define AL_SERVER_MAX_CONNECTIONS 1024           /* default and most of its `connections` at a time */
#define AL_SERVER_MORE_CONNECTIONS 16            /* that are on their way out */
#define AL_SERVER_TIMEOUT_S 60                   /* default of its `idle`, seconds an idle connection is kept */
#define AL_SERVER_MAX_DISCARD (64 * 1024 * 1024) /* bytes read beyond `max_body`, then 413; more: cut */
#define AL_SERVER_CONNECTION_MEMORY (256 * 1024) /* bytes of a request's line and headers; more: 414 or 431 */
#define AL_SERVER_BLOCK (32 * 1024)              /* bytes of a streaming answer made at a time */
#define AL_SERVER_MAX_DELAY_S (24 * 3600)        /* longest `delay` and `every`, seconds; more: raises */
#define AL_SERVER_MAX_RANDOM 1024                /* bytes that one crypto.random gives; more: raises */

#endif
