/*
 * json  · reads JSON (RFC 8259) in one pass over the text, strictly; the caller asks for what it wants next. Writes
 *         strings, too
 * knows · buf, limits
 * never · builds a tree or copies what isn't asked for: a token goes from the reply straight into a secret buf. Lua
 *         values are lua-cjson's business (door/json)
 * owns  · nothing
 * spec  · spec/c/json_test.c
 */
#ifndef AL_GROUND_JSON_H
#define AL_GROUND_JSON_H

#include "ground/buf.h"

typedef enum al_json_type {
  AL_JSON_BAD, /* not JSON, or too deep */
  AL_JSON_OBJECT,
  AL_JSON_ARRAY,
  AL_JSON_STRING,
  AL_JSON_NUMBER,
  AL_JSON_TRUE,
  AL_JSON_FALSE,
  AL_JSON_NULL,
} al_json_type;

typedef struct al_json {
  const char *p, *end;
  int depth;
  bool bad;   /* once true it stays so, and every call answers false */
  bool first; /* just inside an object or array */
} al_json;

al_json al_json_from (const char *text, size_t n);

/* What comes next, without taking it. */
al_json_type al_json_peek (al_json *j);

/* Takes the opening of an object or array; then al_json_member or al_json_item until it answers false. */
bool al_json_enter (al_json *j);

/* Inside an object: the next member's name into `name`. False: the end was taken, or the text is bad. */
bool al_json_member (al_json *j, al_buf *name);

/* Inside an array: whether another item follows. */
bool al_json_item (al_json *j);

/* Takes a string, decoded, appended to out. */
bool al_json_string (al_json *j, al_buf *out);

/* Takes a number. */
bool al_json_number (al_json *j, double *out);

/* Takes any value and drops it. */
bool al_json_skip (al_json *j);

/* Whether nothing but white space is left, and all was well. */
bool al_json_done (al_json *j);

/* Writes n bytes of UTF-8 as a string, in quotes. */
bool al_json_add (al_buf *out, const char *text, size_t n);

/* Writes "name":"value" of two C strings, with a ',' before it unless it is the first of its object. */
bool al_json_add_member (al_buf *out, const char *name, const char *value);

#endif
