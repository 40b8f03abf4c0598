/*
 * url_check · whether a URL will do as an endpoint, and whether a server may name it
 * knows     · Lua, url
 * never     · asks anybody
 * owns      · nothing
 * spec      · spec/wire/ssrf_spec.lua
 */
#ifndef AL_DOOR_URL_CHECK_H
#define AL_DOOR_URL_CHECK_H

#include "door/compat.h"

/* What keeps the text from being an endpoint, as the end of a sentence; NULL: it will do. */
const char *al_url_fault (const char *text, size_t n, const char *plain);

/* The same where a server named it, by whose URL this is; it may not name all that the program may. NULL: nobody did.
 */
const char *al_url_fault_by (const char *text, size_t n, const char *by, const char *plain);

int al_l_resolve (lua_State *L);
int al_l_same_origin (lua_State *L);

#endif
