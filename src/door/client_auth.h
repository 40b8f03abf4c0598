/*
 * client_auth · reads from a configuration who the client is, and how it proves it
 * knows       · Lua, options, client
 * never       · makes Lua text of a secret or key
 * owns        · nothing
 * spec        · spec/client/auth_spec.lua, spec/client/registration_spec.lua
 */
#ifndef AL_DOOR_CLIENT_AUTH_H
#define AL_DOOR_CLIENT_AUTH_H

#include "door/options.h"
#include "law/client.h"

/*
 * client_id, client_secret, private_key, client_auth and what goes with them. Endpoints and settings are read by then.
 * A function that gives the proof goes into the table at `values` as `proof`, and by its own name. Raises for what
 * can't work.
 */
void al_client_auth_read (al_client *c, al_options *o, int values);

/* core.client_auth_methods, see client_auth.c */
int al_l_client_auth_methods (lua_State *L);

/* A file of a key or secret, appended to a buffer that wipes itself. False: it can't be read, or is longer than
 * AL_MAX_SECRET. */
bool al_client_auth_file (const char *path, al_buf *to);

#endif
