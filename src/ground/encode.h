/*
 * encode · bytes as text: application/x-www-form-urlencoded, base64, base64url, hex, JSON strings
 * knows  · buf
 * never  · decodes leniently: what isn't well-formed is refused
 * owns   · nothing; appends to the caller's buf
 * spec   · spec/c/ground_test.c
 */
#ifndef AL_GROUND_ENCODE_H
#define AL_GROUND_ENCODE_H

#include "ground/buf.h"

/* application/x-www-form-urlencoded (RFC 6749 appendix B): space becomes '+'. */
bool al_encode_form (al_buf *out, const char *bytes, size_t n);

/* name=value with a '&' before it where `out` is not empty. */
bool al_encode_field (al_buf *out, const char *name, const char *value, size_t n);

/* RFC 3986 unreserved characters stay, all others become %XX (space too). */
bool al_encode_percent (al_buf *out, const char *bytes, size_t n);

/* Decodes %XX and, where plus_is_space, '+'; false for a broken escape. */
bool al_decode_percent (al_buf *out, const char *text, size_t n, bool plus_is_space);

/* The next field of "name=value&…", still encoded; *at starts at 0. Without '=' the value is empty. False: no more. */
bool al_form_next (const char *text, size_t n, size_t *at, const char **name, size_t *name_n, const char **value,
                   size_t *value_n);

bool al_encode_base64 (al_buf *out, const void *bytes, size_t n);

/* RFC 4648 section 5 without padding. */
bool al_encode_base64url (al_buf *out, const void *bytes, size_t n);
bool al_decode_base64url (al_buf *out, const char *text, size_t n);

/* A JSON string (RFC 8259 section 7) with its quotes; bytes from 0x80 on are taken as they are. */
bool al_encode_json (al_buf *out, const char *bytes, size_t n);

/* Lower-case hexadecimal. */
bool al_encode_hex (al_buf *out, const void *bytes, size_t n);

#endif
