/*
 * note  · tells `on_event` what a client noted
 * knows · Lua, client, trip
 * never · calls it while anything is allocated: each note is let go of before it is told
 * owns  · nothing
 * spec  · spec/session/request_event_spec.lua, spec/client/client_spec.lua
 */
#ifndef AL_DOOR_NOTE_H
#define AL_DOOR_NOTE_H

#include "door/compat.h"
#include "law/client.h"

/* Calls on_event of the user value at `at` for what the client noted meanwhile. */
void al_deliver_notes (lua_State *L, int at, al_client *client);

#endif
