/*
 * settings · reads how a client's requests are to be made
 * knows    · Lua, options, law/settings
 * owns     · nothing
 * spec     · spec/client/options_spec.lua, spec/client/plain_http_spec.lua, spec/wire/many_spec.lua
 */
#ifndef AL_DOOR_SETTINGS_H
#define AL_DOOR_SETTINGS_H

#include "door/options.h"
#include "law/settings.h"

/* `values`: where the client's table for Lua is. */
void al_settings_read (al_settings *s, al_options *o, int values);

/* Pushes the list of hosts at `at` as one text, a line break after each, and gives it; NULL where it is nil. With
 * options, what is wrong raises; without, it counts as none. */
const char *al_push_plain_hosts (lua_State *L, int at, al_options *o);

#endif
