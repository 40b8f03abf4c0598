/*
 * options · reads a table that a program hands in; the one place that judges its names and types
 * knows   · Lua
 * never   · takes an unknown option or a wrong type silently: it raises, naming both
 * owns    · nothing
 * spec    · spec/client/options_spec.lua
 */
#ifndef AL_DOOR_OPTIONS_H
#define AL_DOOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door/compat.h"

typedef struct al_options {
  lua_State *L;
  int at;            /* where the table is; 0: none was given, every option is absent */
  const char *whose; /* "airlock.client", for messages */
} al_options;

/*
 * Takes the table at `at` (none or nil: no options) and raises for a name not in the NULL-ended list. What it holds is
 * read at once, each name once, and kept in a table that takes its place on the stack.
 */
al_options al_options_at (lua_State *L, int at, const char *whose, const char *const names[]);

/* Each pushes nothing and gives NULL, fallback or false where the option is absent. A text lives as long as the
 * stack's table. */
const char *al_options_text (al_options *o, const char *name, size_t *n);
const char *al_options_need (al_options *o, const char *name, size_t *n);

/* A text without control characters, so that it is a C string whole. */
const char *al_options_word (al_options *o, const char *name);

bool al_options_bool (al_options *o, const char *name, bool fallback);
int64_t al_options_integer (al_options *o, const char *name, int64_t least, int64_t most, int64_t fallback);

/* Seconds, whole or not, as milliseconds; math.huge gives INT64_MAX where `forever` allows it. */
int64_t al_options_seconds (al_options *o, const char *name, double most, bool forever, int64_t fallback);

/* An optional text without control characters, copied onto the heap; it goes into header lines and such. NULL: absent.
 */
char *al_options_plain (al_options *o, const char *name);
bool al_options_clean (const char *text, size_t n);

/* A copy on the heap. */
char *al_options_keep (al_options *o, const char *text);

/* Pushes the option's value (nil where absent) and gives its type. */
int al_options_push (al_options *o, const char *name);

/* Raises "whose: option 'name' …". */
int al_options_bad (al_options *o, const char *name, const char *format, ...)
  __attribute__((noreturn, format(printf, 3, 4)));

#endif
