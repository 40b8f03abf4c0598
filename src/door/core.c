/* airlock.core: what C gives to Lua, in core_impl.so, which src/entry opens. A table of contents. */
#include "door/backchannel.h"
#include "door/authorization.h"
#include "door/call.h"
#include "door/header.h"
#include "door/host_transport.h"
#include "door/challenge.h"
#include "door/client.h"
#include "door/client_auth.h"
#include "door/client_headers.h"
#include "door/compat.h"
#include "door/encode.h"
#include "door/engine.h"
#include "door/event_stream.h"
#include "door/url_check.h"
#include "door/upvalues.h"
#include "door/json.h"
#include "door/kept_text.h"
#include "door/loop.h"
#include "door/mistake.h"
#include "door/near.h"
#include "door/tty.h"
#include "door/process.h"
#include "door/scope.h"
#include "door/sealed.h"
#include "door/session.h"
#include "door/signature.h"
#include "door/store.h"
#include "ground/version.h"

static const luaL_Reg functions[] = {
  { "advance", al_l_advance },
  { "ask", al_l_ask },
  { "asked", al_l_asked },
  { "authorize", al_l_authorize },
  { "boundary", al_l_boundary },
  { "challenges", al_l_challenges },
  { "client", al_l_client },
  { "client_auth_methods", al_l_client_auth_methods },
  { "columns", al_l_columns },
  { "credentials", al_l_credentials },
  { "decode", al_l_decode },
  { "digest", al_l_digest },
  { "encode", al_l_encode },
  { "lower", al_l_lower },
  { "number", al_l_number },
  { "token_call", al_l_token_call },
  { "fd", al_l_fd },
  { "equal", al_l_equal },
  { "event_stream", al_l_event_stream },
  { "fetch", al_l_fetch },
  { "form", al_l_form },
  { "header_fault", al_l_header_fault },
  { "hash", al_l_hash },
  { "headers", al_l_headers },
  { "kept", al_l_kept },
  { "library", al_l_library },
  { "link", al_l_link },
  { "meant", al_l_meant },
  { "mistake", al_l_mistake },
  { "moment", al_l_moment },
  { "now", al_l_now },
  { "open_to_others", al_l_open_to_others },
  { "patience", al_l_patience },
  { "place", al_l_place },
  { "public_key", al_l_public_key },
  { "printable", al_l_printable },
  { "process", al_l_process },
  { "random", al_l_random },
  { "records", al_l_records },
  { "resolve", al_l_resolve },
  { "restore", al_l_restore },
  { "retry_after", al_l_retry_after },
  { "same_origin", al_l_same_origin },
  { "seal", al_l_seal },
  { "session", al_l_session },
  { "scope_covers", al_l_scope_covers },
  { "scope_union", al_l_scope_union },
  { "sign", al_l_sign },
  { "signed", al_l_signed },
  { "sealed", al_l_sealed },
  { "step", al_l_step },
  { "store_folder", al_l_store_folder },
  { "store_key", al_l_store_key },
  { "store_key_file", al_l_store_key_file },
  { "store_load", al_l_store_load },
  { "store_lock", al_l_store_lock },
  { "tap", al_l_tap },
  { "tapped", al_l_tapped },
  { "thumbprint", al_l_thumbprint },
  { "url_fault", al_l_url_fault },
  { "unseal", al_l_unseal },
  { "unwatch", al_l_unwatch },
  { "wall", al_l_wall },
  { "watch", al_l_watch },
  { NULL, NULL },
};

/* what every request passes through; upvalues.h says what these have at hand */
static const luaL_Reg quick[] = {
  { "alarm", al_l_alarm },   { "attend", al_l_attend },
  { "carry", al_l_carry },   { "carry_token", al_l_carry_token },
  { "obtain", al_l_obtain }, { "perform", al_l_perform },
  { "start", al_l_start },   { "start_token", al_l_start_token },
  { "wait", al_l_wait },     { NULL, NULL },
};

/* classes.name = the table its objects find their methods in */
static void add_class (lua_State *L, const char *name, const char *metatable) {
  luaL_getmetatable(L, metatable);
  lua_getfield(L, -1, "__index");
  lua_setfield(L, -3, name);
  lua_pop(L, 1);
}

AL_EXPORT int luaopen_airlock_core_impl (lua_State *L);

AL_EXPORT int luaopen_airlock_core_impl (lua_State *L) {
  al_register_engine(L);
  al_register_client(L);
  al_register_session(L);
  al_register_call(L);
  al_register_host_transport(L);
  al_register_authorization(L);
  al_register_event_stream(L);
  al_register_process(L);
  al_sealed_classes(L);
  luaL_newlib(L, functions);
  al_push_upvalues(L);
  luaL_setfuncs(L, quick, AL_UPVALUES);
  lua_pushliteral(L, AIRLOCK_VERSION);
  lua_setfield(L, -2, "version");
  al_push_json(L);
  lua_setfield(L, -2, "json");
  lua_createtable(L, 0, 4);
  al_push_authorization_methods(L);
  lua_setfield(L, -2, "authorization");
  add_class(L, "client", "airlock.client");
  add_class(L, "session", AL_SESSION_CLASS);
  add_class(L, "call", AL_CALL_CLASS);
  lua_setfield(L, -2, "classes");
  return 1;
}
