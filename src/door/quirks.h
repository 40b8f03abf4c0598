/*
 * quirks · reads what a server's profile says of its token endpoint into a client
 * knows  · Lua, client
 * never  · judges a profile: lua/airlock/providers does, before
 * owns   · nothing
 * spec   · spec/client/quirks_spec.lua, spec/client/provider_spec.lua
 */
#ifndef AL_DOOR_QUIRKS_H
#define AL_DOOR_QUIRKS_H

#include "door/options.h"
#include "law/client.h"

/* Takes over raw_basic, token_member, token_types, invalid_grants, comma_scopes and token_form of the profile at `at`,
 * a table. */
void al_quirks_read (lua_State *L, int at, al_client *client);

/* Takes over the options raw_basic and invalid_grants, which go beyond the profile. Raises for what can't work. */
void al_quirks_configure (al_client *client, al_options *o);

#endif
