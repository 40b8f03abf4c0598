/*
 * event_stream · server-sent events for Lua, as their bytes come
 * knows        · Lua, ground/event_stream
 * never        · asks anybody
 * owns         · a stream, in a userdata
 * spec         · spec/resource/events_spec.lua
 */
#ifndef AL_DOOR_EVENT_STREAM_H
#define AL_DOOR_EVENT_STREAM_H

#include "door/compat.h"

/* core.event_stream, see event_stream.c */
int al_l_event_stream (lua_State *L);
void al_register_event_stream (lua_State *L);

#endif
